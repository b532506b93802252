/**
 * What is wrong with a Kubernetes manifest: what the schemas of its version say, and its types, which
 * also know the names of all fields.
 *
 * @module
 */
import { Job } from "kubernetes-models/batch/v1/Job";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { fromFileUrl } from "@std/path";
import { parseAllDocuments } from "yaml";

/** What kubernetes-models makes of each kind that is used here, and where it declares its type. */
const KINDS = {
  "batch/v1 Job": {
    make: (document: object) => new Job(document as ConstructorParameters<typeof Job>[0]),
    type: 'import("kubernetes-models/batch/v1/Job").IJob',
  },
  "v1 PersistentVolumeClaim": {
    make: (document: object) =>
      new PersistentVolumeClaim(
        document as ConstructorParameters<typeof PersistentVolumeClaim>[0],
      ),
    type: 'import("kubernetes-models/v1/PersistentVolumeClaim").IPersistentVolumeClaim',
  },
} as const;

/** A document of a manifest, as far as all kinds have it. */
interface Document {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/**
 * Lints a manifest.
 *
 * @param text The manifest, of one document or several.
 * @returns What is wrong, a line each.
 */
export function faultsOfManifest(text: string): string[] {
  const documents = parseAllDocuments(text);
  const unread = documents.flatMap(({ errors }) => errors.map(({ message }) => message));
  if (unread.length > 0) return unread;
  if (documents.length === 0) return ["There is no document"];
  const faults: string[] = [];
  const typed: string[] = [];
  for (const document of documents.map((parsed) => parsed.toJS() as Document)) {
    const name = `${document.apiVersion} ${document.kind}`;
    if (!(name in KINDS)) {
      faults.push(`"${name}" is not known, expected one of ${Object.keys(KINDS).join(", ")}`);
      continue;
    }
    const { make, type } = KINDS[name as keyof typeof KINDS];
    try {
      make(document).validate();
    } catch (error) {
      faults.push((error as Error).message);
    }
    typed.push(`const _${typed.length}: ${type} = ${JSON.stringify(document, null, 2)};\n`);
  }
  return faults.length > 0 ? faults : faultsOfTypes(typed.join(""));
}

/** What the compiler says of documents that were written as values of their types. */
function faultsOfTypes(source: string): string[] {
  const file = Deno.makeTempFileSync({ prefix: "plugpull_", suffix: ".ts" });
  try {
    Deno.writeTextFileSync(file, `${source}export {};\n`);
    const { success, stderr } = new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--quiet",
        "--config",
        fromFileUrl(new URL("../deno.json", import.meta.url)),
        file,
      ],
      env: { NO_COLOR: "1" },
    }).outputSync();
    if (success) return [];
    const said = new TextDecoder().decode(stderr);
    const faults = [...said.matchAll(/^TS\d+ \[ERROR\]: (.*)$/gm)].map(([, words]) => words!);
    return faults.length > 0 ? faults : [said];
  } finally {
    Deno.removeSync(file);
  }
}
