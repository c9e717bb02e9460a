import { readFileSync } from "node:fs";
import { CatalogueService } from "./catalogue-service.ts";
import type { ServiceLine } from "./data-format.ts";
import type { Catalogue, Service } from "./model.ts";

/** Beside this file in the sources and in what is built from them. */
const directory = new URL("data/", import.meta.url);

let loaded: Catalogue | undefined;

/** The catalogue that comes with this version. It never changes, so everyone is given the same one. */
export function loadCatalogue(): Catalogue {
  loaded ??= new IndexedCatalogue(readServices());
  return loaded;
}

function readServices(): CatalogueService[] {
  const lines = readFileSync(new URL("index.ndjson", directory), "utf8").split("\n");
  const services: CatalogueService[] = [];
  for (let at = 0; at < lines.length - 1;) {
    const service = JSON.parse(lines[at] ?? "") as ServiceLine;
    const end = at + 1 + service.operations;
    services.push(new CatalogueService(service, lines.slice(at + 1, end), directory));
    at = end;
  }
  return services;
}

class IndexedCatalogue implements Catalogue {
  readonly services: readonly Service[];
  readonly #byId: ReadonlyMap<string, Service>;
  readonly #bySigningName = new Map<string, readonly Service[]>();
  readonly #byTargetPrefix: ReadonlyMap<string, Service>;
  readonly #byShapeName: ReadonlyMap<string, Service>;

  constructor(services: readonly CatalogueService[]) {
    this.services = services;
    this.#byId = new Map(services.map((service) => [service.id, service]));
    for (const service of services) {
      for (const name of service.signingNames) this.#bySigningName.set(name, [...this.bySigningName(name), service]);
    }
    this.#byTargetPrefix = new Map(
      services.flatMap((service) => service.targetPrefixes.map((prefix) => [prefix, service] as const)),
    );
    this.#byShapeName = new Map(services.map((service) => [service.shapeName, service]));
  }

  service(id: string): Service | undefined {
    return this.#byId.get(id);
  }

  bySigningName(signingName: string): readonly Service[] {
    return this.#bySigningName.get(signingName) ?? [];
  }

  byTargetPrefix(prefix: string): Service | undefined {
    return this.#byTargetPrefix.get(prefix);
  }

  byShapeName(shapeName: string): Service | undefined {
    return this.#byShapeName.get(shapeName);
  }
}
