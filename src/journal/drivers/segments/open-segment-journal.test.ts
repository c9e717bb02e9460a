import { journalContract } from "../../journal.contract.ts";
import { openSegmentJournal } from "./open-segment-journal.ts";

const module = new URL("./open-segment-journal.ts", import.meta.url).href;

journalContract("segments", { open: openSegmentJournal, module, exported: "openSegmentJournal" });

// So small that every test begins, seals and trims many of them.
journalContract("segments of 32 KiB", {
  open: (options) => openSegmentJournal({ ...options, segmentBytes: 32 * 1024, recentBytes: 16 * 1024, cacheBytes: 64 * 1024 }),
  module: `data:text/javascript,${encodeURIComponent(
    `import { openSegmentJournal } from ${JSON.stringify(module)};
     export const open = (options) => openSegmentJournal({ ...options, segmentBytes: 32 * 1024, recentBytes: 16 * 1024 });`,
  )}`,
  exported: "open",
});
