import { authorization } from "../../support/raw-call.ts";
import type { CallBook } from "./call-book.ts";
import type { CallKind } from "./call-kinds.ts";

/** A call of the CloudTrail API by the observer itself, noted in the book like anybody's. */
export async function ownCall<Output>(url: string, book: CallBook, kind: CallKind, input: object): Promise<Output> {
  const call = book.note(kind, "plain", "");
  const response = await fetch(url, {
    method: "POST",
    headers: { ...kind.request("").headers, authorization: authorization(kind.service), "user-agent": call.mark },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  const requestId = response.headers.get("x-amzn-requestid") ?? undefined;
  call.answer = { status: response.status, requestId, text: text.slice(0, 4096) };
  if (!response.ok) throw new Error(`${kind.eventName} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Output;
}
