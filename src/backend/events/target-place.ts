import { parseArn } from "../../aws/arn.ts";
import type { Place } from "../places.ts";

/** Something of the rule's own account and region that can be a target. */
export interface TargetPlace {
  readonly kind: "queue" | "topic" | "log-group" | "api-destination";
  readonly name: string;
}

/** Undefined for what is of another kind, or of another account or region: nothing leads there from the embedded account. */
export function targetPlace(arn: string, place: Place): TargetPlace | undefined {
  const parsed = parseArn(arn);
  if (parsed === undefined || parsed.region !== place.region || parsed.accountId !== place.accountId) return undefined;
  const { service, resource } = parsed;
  if (service === "sqs" && /^[A-Za-z0-9_.-]{1,80}$/.test(resource)) return { kind: "queue", name: resource };
  if (service === "sns" && /^[A-Za-z0-9_.-]{1,256}$/.test(resource)) return { kind: "topic", name: resource };
  const group = service === "logs" ? /^log-group:([.\-_/#A-Za-z0-9]{1,512})(?::\*)?$/.exec(resource)?.[1] : undefined;
  if (group !== undefined) return { kind: "log-group", name: group };
  // AWS puts an id of its own behind the name.
  const destination =
    service === "events" ? /^api-destination\/([.\-_A-Za-z0-9]{1,64})(?:\/[0-9a-f-]+)?$/.exec(resource)?.[1] : undefined;
  return destination === undefined ? undefined : { kind: "api-destination", name: destination };
}
