import { Socket } from "node:net";
import { serialize } from "node:v8";
import { createLogger } from "../base/logger.ts";
import { ProcessLink } from "../capture/processes/process-link.ts";
import { TOPIC } from "../capture/processes/topics.ts";
import { type CaptureStart, LINK_DESCRIPTOR } from "./capture-start.ts";
import { type Capture, composeCapture } from "./compose-capture.ts";

/*
 * A process that captures calls. It lives and dies with the primary: whatever ends that one closes the link, and nobody may
 * hold an answer then that this process could still give.
 */

// The terminal tells every process of its group; the primary decides when calls are finished.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.once("disconnect", () => process.exit(0));

let capture: Promise<Capture> | undefined;
let composed: Capture | undefined;

const link = new ProcessLink(new Socket({ fd: LINK_DESCRIPTOR, readable: true, writable: true }), {
  onEnd: () => process.exit(0),
  onNotice(topic, payload) {
    if (topic === TOPIC.start) void begin(JSON.parse(payload.toString()) as CaptureStart);
    else void capture?.then((begun) => begun.take(topic, payload));
  },
  async onRequest(topic, payload) {
    const begun = await capture;
    if (begun === undefined) throw new Error("BUG: asked before the start");
    if (topic === TOPIC.stop) await begun.close();
    else if (topic !== TOPIC.tally) begun.take(topic, payload);
    return undefined;
  },
  beforeWrite() {
    const tally = composed?.tally.take();
    if (tally !== undefined) link.notify(TOPIC.counted, serialize(tally));
  },
});

async function begin(start: CaptureStart): Promise<void> {
  const logger = createLogger(start.config.log.level).child({ captureProcess: start.number });
  capture = composeCapture(start, link, logger);
  composed = await capture;
  const { gateway, tally } = composed;
  process.on("message", (_, socket) => {
    tally.connectionTaken();
    // The client may have gone on the way here.
    if (!(socket instanceof Socket)) return tally.connectionClosed();
    socket.once("close", () => tally.connectionClosed());
    gateway.adopt(socket);
  });
  link.notify(TOPIC.ready);
}
