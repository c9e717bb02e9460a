import { AwsError } from "../aws/aws-error.ts";
import { EndpointFailure, type EndpointRequest } from "../aws/endpoint.ts";

/**
 * The request's body in memory. Throws `RequestEntityTooLarge` (413) beyond `most` octets, and `EndpointFailure` where the
 * client goes away.
 */
export async function readWholeBody({ body, signal }: EndpointRequest, most: number): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) {
    if (body.length > most) throw tooLarge(most);
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  }
  const abandon = (): void => void body.destroy();
  signal.addEventListener("abort", abandon, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) throw tooLarge(most);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new EndpointFailure("aborted", "the client went away before the request was whole", { cause: error });
  } finally {
    signal.removeEventListener("abort", abandon);
  }
  if (signal.aborted) throw new EndpointFailure("aborted", "the client went away before the request was whole");
  return Buffer.concat(chunks);
}

function tooLarge(most: number): AwsError {
  return new AwsError("RequestEntityTooLarge", `The request is larger than ${most} bytes.`, 413);
}
