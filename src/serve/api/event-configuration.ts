import { AwsError } from "../../aws/aws-error.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { AggregationTemplate, Trail } from "../../account/trails/trail.ts";
import { DEFAULT_SELECTORS } from "../../event/selector/selectors.ts";
import type { Input } from "./input.ts";

const TEMPLATES: readonly AggregationTemplate[] = ["API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"];

/**
 * The templates of `AggregationConfigurations`; none for an empty list, undefined where it is not given. Throws
 * `InvalidParameterException`.
 */
export function aggregationTemplates(input: Input): readonly AggregationTemplate[] | undefined {
  const configurations = input.structures("AggregationConfigurations");
  if (configurations === undefined) return undefined;
  if (configurations.length > 1) throw invalid("AggregationConfigurations must have one element at most.");
  const [configuration] = configurations;
  if (configuration === undefined) return [];
  if (configuration.text("EventCategory") !== "Data")
    throw invalid("EventCategory must be Data: only data events are aggregated.");
  const texts = configuration.texts("Templates") ?? [];
  const templates = TEMPLATES.filter((template) => texts.includes(template));
  if (templates.length === 0 || templates.length !== texts.length)
    throw invalid(`Templates must be of ${TEMPLATES.join(", ")}, each once.`);
  return templates;
}

/** Throws `InvalidParameterException`: there would be nothing to aggregate. */
export function checkLogsDataEvents({ name, selectors = DEFAULT_SELECTORS }: Trail): void {
  const data =
    selectors.kind === "basic"
      ? selectors.selectors.some(({ dataResources }) => dataResources.length > 0)
      : selectors.selectors.some(({ fieldSelectors }) =>
          fieldSelectors.some(({ field, equals }) => field === "eventCategory" && equals?.includes("Data")),
        );
  if (!data) throw invalid(`Trail ${name} must log data events before they can be aggregated.`);
}

/** What PutEventConfiguration and GetEventConfiguration answer. */
export function shownConfiguration({ arn, aggregationTemplates: templates }: Trail): TreeObject {
  return {
    TrailARN: arn,
    AggregationConfigurations: templates === undefined ? [] : [{ EventCategory: "Data", Templates: templates }],
  };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
