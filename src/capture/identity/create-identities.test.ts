import { createHash } from "node:crypto";
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { accountsSchema } from "../../account/identities/accounts.ts";
import { makeKeyId } from "../../aws/key-id.ts";
import { createIdentities } from "./create-identities.ts";
import { ACCOUNT, Lab } from "./fixtures/lab.ts";

const accounts = [
  {
    id: ACCOUNT,
    alias: "acme",
    root: { accessKeys: [{ id: "AKIAROOT" }] },
    users: [
      { name: "alice", path: "/division/", id: "AIDARZPUZDIKCAEXAMPLE", accessKeys: [{ id: "AKIAALICE", secret: "alice's" }] },
    ],
    roles: [{ name: "Deployer", path: "/ops/", id: "AROARZPUZDIKDAEXAMPLE" }],
    services: [{ principal: "cloudformation.amazonaws.com", accessKeys: [{ id: "AKIACFN" }] }],
  },
];

describe("a caller is", () => {
  test("the user, the root user or the service that the config file names", async () => {
    await using lab = new Lab({ accounts });
    expect(lab.who("AKIAALICE")).toEqual({
      kind: "user",
      accountId: ACCOUNT,
      accessKeyId: "AKIAALICE",
      principalId: "AIDARZPUZDIKCAEXAMPLE",
      arn: `arn:aws:iam::${ACCOUNT}:user/division/alice`,
      userName: "alice",
    });
    expect(lab.who("AKIAROOT")).toEqual({ kind: "root", accountId: ACCOUNT, accessKeyId: "AKIAROOT", accountAlias: "acme" });
    expect(lab.who("AKIACFN")).toEqual({ kind: "service", accountId: ACCOUNT, invokedBy: "cloudformation.amazonaws.com" });
    expect(lab.accountOf("AKIACFN")).toBe(ACCOUNT);
  });

  test("the root user of the account whose number is the key", async () => {
    await using lab = new Lab({ accounts });
    expect(lab.who("210987654321")).toEqual({ kind: "root", accountId: "210987654321", accessKeyId: "210987654321" });
    expect(lab.who(ACCOUNT)).toMatchObject({ kind: "root", accountAlias: "acme" });
  });

  test("unknown, of the account in the key, else of the default account", async () => {
    await using lab = new Lab({ defaultAccountId: "111111111111" });
    expect(lab.who("AKIARZPUZDIKGB2VALC4")).toEqual({ kind: "unknown", accountId: ACCOUNT, accessKeyId: "AKIARZPUZDIKGB2VALC4" });
    expect(lab.accountOf("AKIARZPUZDIKGB2VALC4")).toBe(ACCOUNT);
    for (const key of ["test", "AKIDEXAMPLE", "AKIAIOSFODNN7EXAMPLE", "", "__proto__"]) {
      expect(lab.who(key)).toEqual({ kind: "unknown", accountId: "111111111111", accessKeyId: key });
      expect(lab.accountOf(key)).toBe("111111111111");
    }
    expect(lab.who("x".repeat(129))).toEqual({ kind: "unknown", accountId: "111111111111" });
  });

  test("the root user where unknown keys shall be that", async () => {
    await using lab = new Lab({ unknownKeys: "root" });
    expect(lab.who("test")).toEqual({ kind: "root", accountId: "000000000000", accessKeyId: "test" });
    expect(lab.who("AKIARZPUZDIKGB2VALC4")).toMatchObject({ kind: "root", accountId: ACCOUNT });
    lab.createUser("alice");
    expect(lab.who("test")).toMatchObject({ kind: "root", accountId: ACCOUNT });
  });

  test("anonymous without a key", async () => {
    await using lab = new Lab();
    expect(lab.identities.resolve({ accessKeyId: undefined, temporary: false })).toEqual({
      caller: { kind: "anonymous" },
      accountId: "000000000000",
    });
  });

  test("as configured, whatever answers say", async () => {
    await using lab = new Lab({ accounts });
    lab.createAccessKey("mallory", "AKIAALICE");
    lab.call("sts", "GetCallerIdentity", {
      key: "AKIAALICE",
      output: { Arn: "arn:aws:iam::210987654321:root", Account: "210987654321" },
    });
    lab.call("iam", "DeleteAccessKey", { key: "AKIAALICE", input: { AccessKeyId: "AKIAALICE" } });
    expect(lab.who("AKIAALICE")).toMatchObject({ kind: "user", userName: "alice", accountId: ACCOUNT });
  });

  test("the configured user or role of the name that an answer gives", async () => {
    await using lab = new Lab({ accounts });
    lab.createAccessKey("alice", "AKIASECOND", { key: "AKIAROOT" });
    expect(lab.who("AKIASECOND")).toMatchObject({
      principalId: "AIDARZPUZDIKCAEXAMPLE",
      arn: `arn:aws:iam::${ACCOUNT}:user/division/alice`,
    });
    const Arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci`;
    lab.call("sts", "GetCallerIdentity", { key: "ASIAX", output: { Arn, UserId: "x", Account: ACCOUNT } });
    expect(lab.who("ASIAX")).toMatchObject({
      roleId: "AROARZPUZDIKDAEXAMPLE",
      roleArn: `arn:aws:iam::${ACCOUNT}:role/ops/Deployer`,
    });
  });
});

describe("what was learned", () => {
  test("outlives the process, sessions as long as they last", async () => {
    await using lab = new Lab();
    lab.createUser("bob", { path: "/team/" });
    lab.createAccessKey("bob", "AKIABOB");
    lab.assumeRole("ASIAROLE", { key: "AKIABOB", input: { SourceIdentity: "bob" } });
    lab.call("iam", "UpdateAccessKey", { key: "test", input: { AccessKeyId: "AKIABOB", Status: "Inactive" } });
    const before = [
      lab.who("AKIABOB"),
      lab.who("ASIAROLE"),
      lab.who("test"),
      lab.identities.secretOf("AKIABOB"),
      lab.identities.secretOf("ASIAROLE"),
    ];
    expect(before[1]).toMatchObject({ kind: "role-session", session: { sourceIdentity: "bob" } });
    expect(before[3]).toEqual({ secretAccessKey: "secret of AKIABOB", active: false });

    await lab.restart();
    expect([
      lab.who("AKIABOB"),
      lab.who("ASIAROLE"),
      lab.who("test"),
      lab.identities.secretOf("AKIABOB"),
      lab.identities.secretOf("ASIAROLE"),
    ]).toEqual(before);

    lab.now += 3_600_000 + 5 * 60_000;
    await lab.restart();
    expect(lab.who("ASIAROLE")).toMatchObject({ kind: "unknown" });
    expect(lab.who("AKIABOB")).toEqual(before[0]);
  });

  test("is written whole, however much it is", async () => {
    await using lab = new Lab();
    const Roles = Array.from({ length: 1000 }, (_, number) => ({
      RoleName: `r${number}`,
      RoleId: `AROARZPUZDIK${number}XXXXX`,
      Arn: `arn:aws:iam::${ACCOUNT}:role/path/r${number}`,
    }));
    lab.call("iam", "ListRoles", { key: ACCOUNT, output: { Roles } });
    await expect.poll(() => onDisk(lab, `${ACCOUNT}/r999`)).toBe(true);
    lab.call("iam", "ListRoles", { key: ACCOUNT, output: { Roles } });
    await lab.restart();
    expect(rows(lab)).toHaveLength(1000);
  });

  test("is on the disk soon, without a close", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB");
    await expect.poll(() => onDisk(lab, "AKIABOB")).toBe(true);
    // What a crash would leave.
    for (const file of readdirSync(lab.dataDir))
      copyFileSync(join(lab.dataDir, file), join(lab.dataDir, file.replace("identities", "copy")));
    expect(rows(lab, "copy.sqlite")).toContain("AKIABOB");
  });

  test("is forgotten for good", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB");
    await lab.restart();
    lab.call("iam", "DeleteAccessKey", { key: "test", input: { AccessKeyId: "AKIABOB" } });
    await lab.restart();
    expect(lab.who("AKIABOB")).toMatchObject({ kind: "unknown" });
    expect(rows(lab)).not.toContain("AKIABOB");
  });

  test("is bounded: the oldest goes first, in memory and on the disk", async () => {
    await using lab = new Lab({ limit: 3 });
    for (let number = 0; number < 10; number++) lab.createAccessKey("bob", `AKIA${number}`);
    for (let number = 0; number < 10; number++) lab.assumeRole(`ASIA${number}`);
    const known = () =>
      ["AKIA", "ASIA"]
        .flatMap((kind) => Array.from({ length: 10 }, (_, number) => `${kind}${number}`))
        .filter((key) => lab.who(key).kind !== "unknown");
    expect(known()).toEqual(["AKIA7", "AKIA8", "AKIA9", "ASIA7", "ASIA8", "ASIA9"]);
    await lab.restart();
    expect(known()).toEqual(["AKIA7", "AKIA8", "AKIA9", "ASIA7", "ASIA8", "ASIA9"]);
    await lab.restart({ limit: 1 });
    expect(known()).toEqual(["AKIA9", "ASIA9"]);
  });
});

describe("secrets", () => {
  test("are there for whoever checks signatures", async () => {
    await using lab = new Lab({ accounts });
    lab.createAccessKey("bob", "AKIABOB");
    lab.assumeRole("ASIAROLE");
    expect(lab.identities.secretOf("AKIAALICE")).toEqual({ secretAccessKey: "alice's", active: true });
    expect(lab.identities.secretOf("AKIABOB")).toEqual({ secretAccessKey: "secret of AKIABOB", active: true });
    const session = lab.identities.secretOf("ASIAROLE")!;
    expect(session).toMatchObject({ secretAccessKey: "secret of ASIAROLE", active: true, expiresAt: lab.now - 1 + 3_600_000 });
    expect(Buffer.from(session.sessionTokenDigest!)).toEqual(createHash("sha256").update("token of ASIAROLE").digest());
    for (const key of ["AKIAROOT", "nobody", "__proto__"]) expect(lab.identities.secretOf(key)).toBeUndefined();
  });

  test("are stored before the answer that tells them is released", async () => {
    await using lab = new Lab();
    for (const teach of [() => lab.createAccessKey("bob", "AKIABOB"), () => lab.assumeRole("ASIAROLE")]) {
      teach();
      await lab.learned;
    }
    // What a process that ended now would leave.
    const left = mkdtempSync(join(tmpdir(), "identities-left-"));
    cpSync(lab.dataDir, left, { recursive: true });
    const after = createIdentities({
      accounts: accountsSchema.parse([]),
      defaultAccountId: "000000000000",
      unknownKeys: "unknown",
      dataDir: left,
      clock: { now: () => lab.now },
      logger: pino({ level: "silent" }),
    });
    try {
      for (const key of ["AKIABOB", "ASIAROLE"]) expect(after.secretOf(key)?.secretAccessKey).toBe(`secret of ${key}`);
    } finally {
      await after.close();
      rmSync(left, { recursive: true });
    }
  });

  test("of sessions outlive a clock that is ahead for a moment, also across starts", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    try {
      await using lab = new Lab();
      lab.assumeRole("ASIAROLE");
      const { now } = lab;
      lab.now += 86_400_000;
      await vi.advanceTimersByTimeAsync(30 * 60_000);
      await lab.restart();
      await vi.advanceTimersByTimeAsync(30 * 60_000);
      lab.now = now;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(lab.identities.secretOf("ASIAROLE")?.secretAccessKey).toBe("secret of ASIAROLE");
      lab.now += 86_400_000;
      await vi.advanceTimersByTimeAsync(59 * 60_000);
      lab.now = now;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(lab.identities.secretOf("ASIAROLE")?.secretAccessKey).toBe("secret of ASIAROLE");
      lab.now += 86_400_000;
      await vi.advanceTimersByTimeAsync(62 * 60_000);
      lab.now = now;
      expect(lab.identities.secretOf("ASIAROLE")).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test("are nowhere on the disk or in the log in the clear", async () => {
    await using lab = new Lab();
    lab.createUser("bob");
    for (let number = 0; number < 20; number++) {
      lab.createAccessKey("bob", `AKIABOB${number}`, { secret: "wJalrXUtnFEMIsecret" });
      lab.assumeRole(`ASIAROLE${number}`, {
        output: {
          Credentials: {
            ...lab.credentials(`ASIAROLE${number}`),
            SecretAccessKey: "K7MDENGsecret",
            SessionToken: "IQoJb3JpZ2luX2Vj",
          },
        },
      });
    }
    const clear = ["wJalrXUtnFEMIsecret", "K7MDENGsecret", "IQoJb3JpZ2luX2Vj"];
    const forms = clear.flatMap((text) => [
      text,
      Buffer.from(text).toString("base64").slice(0, -4),
      Buffer.from(text).toString("hex"),
    ]);
    const leaks = () => forms.filter((form) => onDisk(lab, form) || lab.logged.some((line) => line.includes(form)));
    await expect.poll(() => onDisk(lab, "AKIABOB19")).toBe(true);
    expect(leaks()).toEqual([]);
    await lab.restart();
    expect(lab.identities.secretOf("AKIABOB19")?.secretAccessKey).toBe(clear[0]);
    expect(leaks()).toEqual([]);
    for (const file of readdirSync(lab.dataDir)) expect(statSync(join(lab.dataDir, file)).mode & 0o077, file).toBe(0);
  });
});

describe("a store that somebody changed is refused by name", () => {
  const path = (lab: Lab) => join(lab.dataDir, "identities.sqlite");
  const tampering: readonly (readonly [string, (lab: Lab) => void])[] = [
    [
      "a changed byte",
      (lab) => {
        using database = new DatabaseSync(path(lab));
        const { sealed } = database.prepare("SELECT sealed FROM entry WHERE id = 'AKIABOB'").get() as { sealed: Uint8Array };
        sealed[20] = sealed[20]! ^ 1;
        database.prepare("UPDATE entry SET sealed = ? WHERE id = 'AKIABOB'").run(sealed);
      },
    ],
    [
      "a row in another's place",
      (lab) => {
        using database = new DatabaseSync(path(lab));
        database.exec("UPDATE entry SET sealed = (SELECT sealed FROM entry WHERE id = 'AKIAEVE') WHERE id = 'AKIABOB'");
      },
    ],
    [
      "a row of no known kind",
      (lab) => {
        using database = new DatabaseSync(path(lab));
        database.exec("UPDATE entry SET kind = 'admin' WHERE id = 'AKIABOB'");
      },
    ],
    ["another key", (lab) => rmSync(join(lab.dataDir, "identities.key"))],
    [
      "a newer format",
      (lab) => {
        using database = new DatabaseSync(path(lab));
        database.exec("PRAGMA user_version = 2");
      },
    ],
    [
      "something else altogether",
      (lab) => writeFileSync(path(lab), "this is not a database, though it is long enough".repeat(100)),
    ],
  ];

  test.each(tampering)("%s", async (_, tamper) => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB");
    lab.createAccessKey("eve", "AKIAEVE");
    await lab.identities.close();
    tamper(lab);
    expect(() => lab.open()).toThrow(path(lab));
    expect(() => lab.open()).toThrow(expect.objectContaining({ name: "IdentityStoreCorrupt", path: path(lab) }));
  });

  test("a store that is in use is refused, and can be opened afterwards", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB");
    expect(() => lab.open()).toThrow(/locked/);
    await lab.restart();
    expect(lab.who("AKIABOB").kind).toBe("user");
  });
});

test("closing twice is closing once, and learning afterwards does no harm", async () => {
  await using lab = new Lab();
  await lab.identities.close();
  await lab.identities.close();
  lab.createAccessKey("bob", "AKIABOB");
  expect(lab.who("AKIABOB").kind).toBe("user");
});

test("a key that decodes to an account is made and known again", async () => {
  await using lab = new Lab();
  const key = makeKeyId("ASIA", "210987654321");
  expect(lab.who(key)).toEqual({ kind: "unknown", accountId: "210987654321", accessKeyId: key });
});

function onDisk(lab: Lab, text: string): boolean {
  return readdirSync(lab.dataDir).some((file) => readFileSync(join(lab.dataDir, file)).includes(text));
}

function rows(lab: Lab, file = "identities.sqlite"): readonly unknown[] {
  if (file === "identities.sqlite") copyFileSync(join(lab.dataDir, file), join(lab.dataDir, (file = "rows.sqlite")));
  using database = new DatabaseSync(join(lab.dataDir, file));
  return database
    .prepare("SELECT id FROM entry")
    .all()
    .map((row) => row["id"]);
}
