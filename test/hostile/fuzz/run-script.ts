import { type Message, statusOf } from "../support/message-reader.ts";
import { RawConnection } from "../support/raw-connection.ts";
import type { Script } from "./script.ts";

/** Milliseconds in which a connection must be answered and ended once the client has said all that it will say. */
const BOUND = 20_000;
/** Milliseconds that a client which waits for more gives the endpoint to end the connection itself. */
const PATIENCE = 150;

/** What came of one script. */
export interface Played {
  readonly answers: readonly Message[];
  /** Ids by which the answers' events must be found. */
  readonly ids: readonly string[];
  /** Answers of OpenTrail's own paths. */
  readonly own: number;
  /** Plain refusals of what is not HTTP. */
  readonly refusals: number;
  readonly findings: readonly string[];
}

/** Sends a script over a connection of its own and judges what comes back. */
export async function play(url: string, script: Script, bound = BOUND): Promise<Played> {
  const { pieces, strict, bytes, cuts, end } = script;
  const findings: string[] = [];
  const connection = new RawConnection(url, (at) => pieces[at]?.isHead === true, 0);
  const patient = strict === pieces.length;
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > from) connection.send(bytes.subarray(from, cut));
    from = cut;
    if (cuts.length > 0) await new Promise((later) => setImmediate(later));
  }
  if (end === "half-close") connection.halfClose();
  if (end === "reset") connection.reset();
  if (end === "leave") {
    if (strict > 0) await connection.answer(0, bound).catch(() => {});
    connection.close();
  }
  if (end === "read") {
    if (patient) {
      await connection.answer(strict - 1, bound).catch((error: unknown) => findings.push(`hang: ${String(error)}`));
    } else await connection.endsWithin(PATIENCE);
    connection.halfClose();
  }
  if (!(await connection.endsWithin(bound))) findings.push("hang: the connection was not ended");
  connection.close();
  const left = end === "leave" || end === "reset";
  if (!left && connection.answers.filter(({ whole }) => whole).length < strict)
    findings.push(`${connection.answers.length} answers (${connection.ended}) where ${strict} were due`);
  // Behind what is broken nobody can say what the bytes of an answer would have to be, but for HEAD there is no excuse either.
  if (connection.problem !== undefined && !left && connection.answers.length < strict)
    findings.push(`the answer ${connection.answers.length} is none: ${connection.problem.message}`);
  return judged(connection.answers, findings, bytes.includes("_opentrail"));
}

function judged(answers: readonly Message[], findings: string[], mayBeOwn: boolean): Played {
  const ids: string[] = [];
  let own = 0;
  let refusals = 0;
  for (const answer of answers) {
    const id = requestId(answer);
    const status = statusOf(answer);
    if (id !== undefined) ids.push(id);
    else if (answer.headers.get("x-content-type-options") === "nosniff" && mayBeOwn) own += 1;
    else if (status === 302 && answer.headers.get("location") === "/_opentrail/") own += 1;
    else if ([400, 408, 431].includes(status) && answer.headers.get("connection") === "close") refusals += 1;
    else findings.push(`an answer that nobody can account for: ${answer.start} ${JSON.stringify(answer.lines).slice(0, 300)}`);
  }
  return { answers, ids, own, refusals, findings };
}

/** As CloudTrail's record names the request. */
function requestId({ lines }: Message): string | undefined {
  for (const name of ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]) {
    const values = lines
      .filter((_, at) => at % 2 === 1 && lines[at - 1]?.toLowerCase() === name)
      .join(", ")
      .trim();
    if (values !== "") return values.slice(0, 256);
  }
  return undefined;
}
