import { AwsError } from "../../aws/aws-error.ts";

/** "CreateTrail" of the CloudTrail API Reference, Name. */
const LENGTH = { least: 3, most: 128 } as const;

/** The name if it is one. Throws `InvalidTrailNameException`. */
export function checkTrailName(name: string | undefined): string {
  const problem = problemOf(name ?? "");
  if (name === undefined || problem !== undefined) {
    throw new AwsError("InvalidTrailNameException", problem ?? "Trail name cannot be blank!");
  }
  return name;
}

function problemOf(name: string): string | undefined {
  if (name === "") return "Trail name cannot be blank!";
  if (name.length < LENGTH.least) return lengthProblem("short", "Minimum", LENGTH.least, name);
  if (name.length > LENGTH.most) return lengthProblem("long", "Maximum", LENGTH.most, name);
  if (!/^[A-Za-z0-9._-]*$/.test(name)) {
    return "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).";
  }
  if (!/^[A-Za-z0-9]/.test(name)) return "Trail name must starts with a letter or number.";
  if (!/[A-Za-z0-9]$/.test(name)) return "Trail name must ends with a letter or number.";
  if (/[._-]{2}/.test(name)) return "Trail name cannot contain adjacent periods, hyphens, or underscores.";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "Trail name cannot be formatted as an IP address.";
  return undefined;
}

function lengthProblem(word: string, bound: string, characters: number, name: string): string {
  return `Trail name too ${word}. ${bound} allowed length: ${characters} characters. Specified name length: ${name.length} characters.`;
}
