import type { Place } from "../places.ts";

/** The account that fauxqs puts in every ARN. */
const FAUXQS_ACCOUNT = "000000000000";

/** ARNs of queues and topics of the place, as fauxqs knows them. */
export function toFauxqsArns(text: string, { accountId, region }: Place): string {
  return replaceAccount(text, region, accountId, FAUXQS_ACCOUNT);
}

/** ARNs that fauxqs made, with the place's own account. */
export function fromFauxqsArns(text: string, { accountId, region }: Place): string {
  return replaceAccount(text, region, FAUXQS_ACCOUNT, accountId);
}

function replaceAccount(text: string, region: string, from: string, to: string): string {
  if (from === to) return text;
  return text
    .replaceAll(`arn:aws:sqs:${region}:${from}:`, `arn:aws:sqs:${region}:${to}:`)
    .replaceAll(`arn:aws:sns:${region}:${from}:`, `arn:aws:sns:${region}:${to}:`);
}
