import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Trail } from "../../../account/trails/trail.ts";
import { DigestScene, problemsOf, trailOf } from "./digest-scene.test-support.ts";

const HOUR = 3600;
let scene: DigestScene;
afterEach(async () => {
  await scene?.digester.close();
});

type Step =
  | { readonly do: "deliver"; readonly region: string; readonly count: number }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "jump"; readonly seconds: number }
  | { readonly do: "destination"; readonly is: DigestScene["destination"] }
  | { readonly do: "bucket"; readonly name: string }
  | { readonly do: "stop" | "start" | "off" | "on" | "recreate" | "crash" | "look" };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      region: fc.constantFrom("us-east-1", "eu-west-1"),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(1, 59, 60, 700, 3600, 3 * HOUR, 30 * HOUR),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      seconds: fc.constantFrom(-30 * HOUR, -3600, -61, 59, 3700, 50 * HOUR),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("destination" as const), is: fc.constantFrom("well", "refuses", "lost", "hang") }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("bucket" as const), name: fc.constantFrom("logs", "logs-2") }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("stop", "start", "off", "on", "recreate", "crash", "look") }) },
);

test("whatever happens, each file is in exactly one digest, and every chain holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 30 }), fc.constantFrom(3, 1000), async (steps, maxFiles) => {
      scene = new DigestScene(60, maxFiles);
      let trail: Trail = trailOf();
      let trails = 1;
      const set = (more: Partial<Trail>): void => scene.set((trail = { ...trail, ...more }));
      set({});
      await scene.settle();
      for (const step of steps) {
        switch (step.do) {
          case "deliver":
            for (let n = 0; (trail.logging || trail.logFileValidationEnabled) && n < step.count; n += 1) {
              scene.deliver(trail, step.region);
            }
            break;
          case "pass":
            await scene.pass(step.seconds, 1800);
            break;
          case "jump":
            scene.now += step.seconds * 1000;
            break;
          case "destination":
            scene.destination = step.is;
            break;
          case "bucket":
            set({ s3BucketName: step.name });
            break;
          case "stop":
            set({ logging: false, stoppedAt: scene.now });
            break;
          case "start":
            if (!trail.logging) set({ logging: true, startedAt: scene.now });
            break;
          case "off":
          case "on":
            set({ logFileValidationEnabled: step.do === "on" });
            break;
          case "recreate":
            scene.remove(trail);
            trails += 1;
            scene.set((trail = trailOf({ id: `t${trails}`, startedAt: scene.now })));
            break;
          case "crash":
            await scene.restart();
            break;
          case "look":
            await scene.settle();
            break;
        }
        // Changes are heard of at once, as the store tells them.
        if (["off", "on", "stop", "start", "recreate"].includes(step.do)) await scene.settle();
      }
      set({ logging: false });
      scene.destination = "well";
      await scene.restart();
      await scene.pass(3 * HOUR, 600);
      await scene.digester.close();
      expect(scene.digester.pending()).toBe(0);
      expect(problemsOf(scene)).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
