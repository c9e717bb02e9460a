import type { OperationLine } from "./data-format.ts";
import type { AccessLevel, HttpBinding, Operation, Service, StructureShape } from "./model.ts";
import type { Shapes } from "./shapes.ts";

/** An operation of the index; its shapes are looked up when they are first asked for. */
export class CatalogueOperation implements Operation {
  readonly service: Service;
  readonly name: string;
  readonly http: HttpBinding | undefined;
  readonly accessLevel: AccessLevel | undefined;
  readonly #inputName: string | null;
  readonly #outputName: string | null;
  readonly #shapes: Shapes;
  readonly #errors: ReadonlyMap<string, string>;

  constructor(service: Service, line: OperationLine, shapes: Shapes, errors: ReadonlyMap<string, string>) {
    const [name, accessLevel, inputName, outputName, method, uri, status] = line;
    this.service = service;
    this.name = name;
    this.accessLevel = accessLevel ?? undefined;
    this.http = method !== undefined && uri !== undefined && status !== undefined ? { method, uri, status } : undefined;
    this.#inputName = inputName;
    this.#outputName = outputName;
    this.#shapes = shapes;
    this.#errors = errors;
  }

  get input(): StructureShape | undefined {
    return this.#inputName === null ? undefined : this.#shapes.structure(this.#inputName);
  }

  get output(): StructureShape | undefined {
    return this.#outputName === null ? undefined : this.#shapes.structure(this.#outputName);
  }

  errorShape(wireCode: string): string | undefined {
    return this.#errors.get(wireCode);
  }
}
