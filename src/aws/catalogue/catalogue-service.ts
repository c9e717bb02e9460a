import type { Protocol } from "../protocol.ts";
import { CatalogueOperation } from "./catalogue-operation.ts";
import type { OperationLine, ServiceLine } from "./data-format.ts";
import type { Operation, Service } from "./model.ts";
import { Shapes } from "./shapes.ts";

/** A service of the index. Its operations are parsed on first use, its shapes on theirs. */
export class CatalogueService implements Service {
  readonly id: string;
  readonly sdkId: string;
  readonly signingName: string;
  /** Every name that a credential scope may carry for this service, its own first. */
  readonly signingNames: readonly string[];
  readonly endpointPrefix: string;
  readonly version: string;
  readonly protocols: readonly Protocol[];
  readonly targetPrefix: string | undefined;
  /** Every prefix that clients put before an operation's name in `X-Amz-Target`. */
  readonly targetPrefixes: readonly string[];
  readonly shapeName: string;
  readonly xmlNamespace: string | undefined;
  readonly #shapes: Shapes;
  readonly #errors: ReadonlyMap<string, string>;
  readonly #lines: readonly string[];
  #operations: ReadonlyMap<string, Operation> | undefined;
  #operationNames: readonly string[] | undefined;

  constructor(line: ServiceLine, operationLines: readonly string[], directory: URL) {
    this.id = line.id;
    this.sdkId = line.sdkId;
    this.signingName = line.signingName;
    this.signingNames = [line.signingName, ...(line.alsoSignedAs ?? [])];
    this.endpointPrefix = line.endpointPrefix;
    this.version = line.version;
    this.protocols = line.protocols;
    this.targetPrefix = line.targetPrefix;
    this.targetPrefixes = [...(line.targetPrefix === undefined ? [] : [line.targetPrefix]), ...(line.alsoTargetedAs ?? [])];
    this.shapeName = line.shapeName;
    this.xmlNamespace = line.xmlNamespace;
    this.#errors = new Map(Object.entries(line.errors));
    this.#lines = operationLines;
    this.#shapes = new Shapes(new URL(`${line.id}.ndjson`, directory));
  }

  get operationNames(): readonly string[] {
    this.#operationNames ??= [...this.#all().keys()];
    return this.#operationNames;
  }

  operation(name: string): Operation | undefined {
    return this.#all().get(name);
  }

  #all(): ReadonlyMap<string, Operation> {
    this.#operations ??= new Map(
      this.#lines.map((text) => {
        const line = JSON.parse(text) as OperationLine;
        return [line[0], new CatalogueOperation(this, line, this.#shapes, this.#errors)] as const;
      }),
    );
    return this.#operations;
  }
}
