import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Tree, TreeObject } from "../../aws/tree.ts";
import { ACCOUNT, Lab } from "./fixtures/lab.ts";

const KEYS = ["AKIA0", "AKIA1", "ASIA2", "ASIA3", "test", "AKIARZPUZDIKGB2VALC4"] as const;
const key = fc.constantFrom(...KEYS);
const name = fc.constantFrom("al", "bo", "cy");

/** Odd answers: the members that lessons look for, with whatever in them. */
const memberName = fc.constantFrom(
  ..."AccessKey AccessKeyId AccessKeyMetadata Account Arn AssumedRoleId AssumedRoleUser Credentials Expiration FederatedUser Name NewPath NewUserName Provider".split(
    " ",
  ),
  ..."Role RoleArn RoleId RoleName Roles SAMLAssertion SecretAccessKey SessionToken SourceIdentity Status TargetPrincipal User UserId UserName Users".split(
    " ",
  ),
  ..."WebIdentityToken roleCredentials accessKeyId expiration accountId __proto__ constructor".split(" "),
);
const leaf: fc.Arbitrary<Tree> = fc.oneof(
  fc.constantFrom(
    ...KEYS,
    ACCOUNT,
    `arn:aws:iam::${ACCOUNT}:user/al`,
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/r/s`,
    "al",
    "Inactive",
  ),
  fc.string({ unit: "binary" }),
  fc.constantFrom<Tree>(
    null,
    true,
    0,
    -1,
    Number.NaN,
    1e300,
    10n ** 30n,
    new Date(Number.NaN),
    new Date(0),
    new Uint8Array(3),
    [],
    [[null]],
  ),
  fc.integer({ min: 1, max: 5000 }).map((length) => "x".repeat(length)),
);
const tree: fc.Arbitrary<TreeObject> = fc.letrec<{ tree: TreeObject; value: Tree }>((tie) => ({
  tree: fc.dictionary(memberName, tie("value"), { noNullPrototype: false, maxKeys: 6 }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie("tree"), fc.array(tie("value"), { maxLength: 3 })),
})).tree;
const operation = fc.constantFrom(
  ..."CreateUser GetUser ListUsers UpdateUser DeleteUser CreateAccessKey ListAccessKeys GetAccessKeyLastUsed UpdateAccessKey DeleteAccessKey CreateRole ListRoles DeleteRole GetAccountAuthorizationDetails"
    .split(" ")
    .map((name) => ["iam", name] as const),
  ..."AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetSessionToken GetFederationToken GetCallerIdentity GetAccessKeyInfo"
    .split(" ")
    .map((name) => ["sts", name] as const),
  ["sso", "GetRoleCredentials"] as const,
  ["cognito-identity", "GetCredentialsForIdentity"] as const,
  ["s3", "CreateSession"] as const,
);

test(
  "no answer, however odd, makes learning or resolving fail, and none but ours is taken for a stored one",
  { timeout: 60_000 },
  async () => {
    const calls = fc.array(fc.tuple(operation, fc.option(key, { nil: undefined }), tree, tree, fc.string()), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(calls, async (answers) => {
        await using lab = new Lab();
        for (const [[serviceId, operationName], signer, input, output, body] of answers) {
          lab.call(serviceId, operationName, { key: signer, input, output, body });
          for (const one of KEYS) expect(lab.accountOf(one)).toMatch(/^\d{12}$/);
        }
        expect(lab.logged).toEqual([]);
        const before = KEYS.map((one) => [lab.who(one), lab.identities.secretOf(one)]);
        await lab.restart();
        expect(KEYS.map((one) => [lab.who(one), lab.identities.secretOf(one)])).toEqual(before);
      }),
      { numRuns: 60 },
    );
  },
);

type Step =
  | { readonly do: "create-key"; readonly key: string; readonly name: string }
  | { readonly do: "list-keys"; readonly key: string; readonly name: string }
  | { readonly do: "identity"; readonly key: string; readonly name: string }
  | { readonly do: "session"; readonly key: string; readonly name: string }
  | { readonly do: "delete-key"; readonly key: string }
  | { readonly do: "delete-user"; readonly name: string }
  | { readonly do: "rename"; readonly name: string; readonly to: string }
  | { readonly do: "late-list"; readonly key: string; readonly name: string }
  | { readonly do: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("create-key" as const, "list-keys" as const, "identity" as const, "session" as const),
    key,
    name,
  }),
  fc.record({ do: fc.constant("delete-key" as const), key }),
  fc.record({ do: fc.constant("late-list" as const), key, name }),
  fc.record({ do: fc.constant("delete-user" as const), name }),
  fc.record({ do: fc.constant("rename" as const), name, to: name }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

/** `AKIA0` may be handed out by CreateAccessKey, `ASIA2` by GetSessionToken of a key of the user's. */
test(
  "a key is the user's whom answers named last; deleted, it is nobody's, nor are the keys of a deleted user",
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await using lab = new Lab();
        const start = lab.now;
        /** By key; `late` where the call that told began before all others. */
        const owners = new Map<string, { readonly name: string; readonly late: boolean }>();
        const tell = (id: string, name: string): void => {
          if (owners.get(id)?.name !== name) owners.set(id, { name, late: false });
        };
        const deletedSinceStart = new Set<string>();
        const Arn = (userName: string) => `arn:aws:iam::${ACCOUNT}:user/${userName}`;
        const asRoot = { key: ACCOUNT };
        for (const one of steps) {
          switch (one.do) {
            case "create-key":
              lab.createAccessKey(one.name, one.key, asRoot);
              owners.set(one.key, { name: one.name, late: false });
              break;
            case "list-keys":
            case "late-list": {
              const AccessKeyMetadata = [{ UserName: one.name, AccessKeyId: one.key, Status: "Active" }];
              const late = one.do === "late-list";
              const output = { AccessKeyMetadata, IsTruncated: true };
              lab.call("iam", "ListAccessKeys", { ...asRoot, input: {}, output, lasting: late ? lab.now - start + 1 : 0 });
              const known = owners.get(one.key);
              // What was asked for before the key was deleted or told of anew is old news.
              if (!late) tell(one.key, one.name);
              else if (known === undefined ? !deletedSinceStart.has(one.key) : known.late)
                owners.set(one.key, { name: one.name, late });
              break;
            }
            case "identity":
              lab.call("sts", "GetCallerIdentity", {
                key: one.key,
                output: { Arn: Arn(one.name), UserId: "-", Account: ACCOUNT },
              });
              tell(one.key, one.name);
              break;
            case "session": {
              const signer = `SIGNER-${one.name}`;
              lab.createAccessKey(one.name, signer, asRoot);
              lab.call("sts", "GetSessionToken", { key: signer, output: { Credentials: lab.credentials(one.key) } });
              owners.set(signer, { name: one.name, late: false });
              owners.set(one.key, { name: one.name, late: false });
              break;
            }
            case "delete-key":
              lab.call("iam", "DeleteAccessKey", { ...asRoot, input: { AccessKeyId: one.key } });
              owners.delete(one.key);
              deletedSinceStart.add(one.key);
              break;
            case "delete-user":
              lab.call("iam", "DeleteUser", { ...asRoot, input: { UserName: one.name } });
              for (const [owned, owner] of owners) {
                if (owner.name !== one.name) continue;
                owners.delete(owned);
                deletedSinceStart.add(owned);
              }
              break;
            case "rename":
              lab.call("iam", "UpdateUser", { ...asRoot, input: { UserName: one.name, NewUserName: one.to } });
              if (one.to === one.name) break;
              for (const [owned, owner] of owners) if (owner.name === one.name) owners.set(owned, { name: one.to, late: false });
              break;
            case "restart":
              await lab.restart();
              deletedSinceStart.clear();
              break;
          }
          for (const id of [...KEYS, "SIGNER-al", "SIGNER-bo", "SIGNER-cy"]) {
            const caller = lab.who(id);
            const owner = owners.get(id);
            if (owner === undefined) {
              expect(caller.kind, id).toBe("unknown");
              expect(lab.identities.secretOf(id), id).toBeUndefined();
            } else {
              expect(caller, id).toMatchObject({ kind: "user", accountId: ACCOUNT, userName: owner.name, arn: Arn(owner.name) });
            }
          }
        }
        expect(lab.logged).toEqual([]);
      }),
      { numRuns: 60 },
    );
  },
);
