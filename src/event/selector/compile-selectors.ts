import { compileAdvancedSelectors } from "./compile-advanced-selectors.ts";
import { compileBasicSelectors } from "./compile-basic-selectors.ts";
import type { EventPredicate } from "./event-predicate.ts";
import { DEFAULT_SELECTORS, type Selectors } from "./selectors.ts";

/**
 * Whether selectors take an event, as AWS evaluates them. Undefined: nobody has set any, and `DEFAULT_SELECTORS` hold. Insights
 * events are never taken: they are asked for by other means. The predicate reads the cheap members of the view first, and
 * `resources`, `userArn`, `type`, `fromConsole` and `vpcEndpointId` only where a selector that fits so far names them.
 */
export function compileSelectors(selectors: Selectors | undefined): EventPredicate {
  const set = selectors ?? DEFAULT_SELECTORS;
  return set.kind === "basic" ? compileBasicSelectors(set.selectors) : compileAdvancedSelectors(set.selectors);
}
