import type { HttpParameters } from "../target.ts";
import { DeliveryError } from "./delivery-error.ts";

/** "API destinations as targets": the longest that EventBridge waits for an answer. */
const TIMEOUT_MILLISECONDS = 5000;
/** What may end otherwise next time. */
const RETRIED = new Set([401, 407, 408, 409, 429]);
/** Left to whoever speaks HTTP here. */
const OWN_HEADERS = /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/i;

/** POSTs `input` as JSON. Redirects are not followed. Throws `DeliveryError`. */
export async function callApiDestination(
  url: string,
  parameters: HttpParameters,
  input: string,
  signal: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  let status: number;
  try {
    const response = await fetch(addressed(url, parameters), {
      method: "POST",
      headers: headersOf(parameters),
      body: input,
      redirect: "manual",
      signal: AbortSignal.any([signal, timeout]),
    });
    ({ status } = response);
    await response.body?.cancel();
  } catch (error) {
    if (timeout.aborted)
      throw new DeliveryError("TIMEOUT", "The API destination did not answer in time.", false, { cause: error });
    if (error instanceof DeliveryError) throw error;
    // Whoever reads the dead-letter queue need not know the URL, in which there may be a secret.
    const why = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ".";
    throw new DeliveryError("CONNECTION_FAILURE", `The API destination cannot be reached${why}`, false, { cause: error });
  }
  if (status >= 200 && status < 300) return;
  const isFinal = status < 500 && !RETRIED.has(status);
  throw new DeliveryError("SDK_CLIENT_ERROR", `The API destination answered ${status}.`, isFinal);
}

/** Path values stand for the URL's `*`, one after the other. */
function addressed(url: string, { PathParameterValues: values = [], QueryStringParameters: query = {} }: HttpParameters): URL {
  let next = 0;
  const found = new URL(url.replace(/\*/g, () => pathPart(values[next++] ?? "")));
  for (const [name, value] of Object.entries(query)) found.searchParams.append(name, value);
  return found;
}

function pathPart(value: string): string {
  // A URL's parser takes these for a step upward, out of what the destination was made for.
  if (value === "." || value === "..")
    throw new DeliveryError("SDK_CLIENT_ERROR", `${JSON.stringify(value)} cannot stand in the path of a URL.`, true);
  return encodeURIComponent(value.toWellFormed());
}

function headersOf({ HeaderParameters: parameters = {} }: HttpParameters): Headers {
  const headers = new Headers({
    "content-type": "application/json; charset=utf-8",
    "user-agent": "Amazon/EventBridge/ApiDestinations",
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (OWN_HEADERS.test(name)) continue;
    try {
      headers.set(name, value);
    } catch {
      throw new DeliveryError("SDK_CLIENT_ERROR", `${JSON.stringify(name)} cannot be sent as a header.`, true);
    }
  }
  return headers;
}
