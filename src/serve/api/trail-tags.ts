import { AwsError } from "../../aws/aws-error.ts";
import type { Tag } from "../../account/trails/trail.ts";
import type { Input } from "./input.ts";
import type { Quotas } from "./quotas.ts";

/** "Tag" of the CloudTrail API Reference. */
const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;

/** A value that is not given is null. Throws `TagsLimitExceededException`, `InvalidTagParameterException`. */
export function tagsOf(list: readonly Input[], quotas: Quotas): readonly Tag[] {
  checkTagCount(list.length, quotas);
  const tags = list.map((entry) => ({ key: keyOf(entry), value: valueOf(entry) }));
  const keys = new Set(tags.map((tag) => tag.key));
  if (keys.size < tags.length) throw invalid("A tag key is given twice.");
  return tags;
}

/** Throws `TagsLimitExceededException`. */
export function checkTagCount(count: number, { tagsPerResource }: Quotas): void {
  if (count <= tagsPerResource) return;
  throw new AwsError("TagsLimitExceededException", `A trail has ${tagsPerResource} tags at most, and not ${count}.`);
}

function keyOf(entry: Input): string {
  const key = entry.text("Key");
  if (key === undefined || key === "" || key.length > KEY_LENGTH) throw invalid(`A tag key has 1 to ${KEY_LENGTH} characters.`);
  if (key.toLowerCase().startsWith("aws:")) throw invalid("Tag keys that begin with aws: are reserved.");
  return key;
}

function valueOf(entry: Input): string | null {
  const value = entry.text("Value") ?? null;
  if (value !== null && value.length > VALUE_LENGTH) throw invalid(`A tag value has at most ${VALUE_LENGTH} characters.`);
  return value;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidTagParameterException", message);
}
