import { annotationOf } from "./annotations.ts";
import { formatNews, summaryOf } from "./campaign/format_campaign.ts";
import { JournalError } from "./campaign/journal.ts";
import { KnownError, newsOf, readKnown } from "./campaign/known.ts";
import { mergeDirectories } from "./campaign/merge.ts";
import { placeOf } from "./check_command.ts";
import { complain, printJson, refuse } from "./options.ts";

/** Puts campaigns of several machines together; returns the exit status: 1 where a finding is new. */
export function merge(
  directories: readonly string[],
  { into, json, github }: {
    readonly into: string;
    readonly json?: boolean;
    readonly github?: boolean;
  },
): number {
  let known, merged;
  try {
    known = readKnown();
    merged = mergeDirectories(directories, into);
  } catch (error) {
    const isInput = error instanceof JournalError || error instanceof KnownError ||
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
    if (!isInput) throw error;
    return refuse({ status: 2, message: `Cannot merge: ${error.message}` }, {
      json: json ?? false,
    });
  }
  const findings = merged.findings.map((finding) => ({
    ...finding,
    news: newsOf(finding.counterexample, known),
  }));
  for (const reason of merged.skipped) complain(`Skipped ${reason}`);
  if (json) printJson({ ...merged, findings: findings.map(summaryOf) });
  else {
    for (const [name, size] of Object.entries(merged.corpora)) {
      console.log(`${name}: ${size} runs in the corpus`);
    }
    for (const finding of findings) {
      console.log(formatNews({ ...finding, news: finding.wasThere ? "earlier" : finding.news }));
    }
  }
  // What was there before is no news: the next campaign runs it again, and says whether it is fixed.
  const news = findings.filter(({ news, wasThere }) => news !== "known" && !wasThere);
  for (const { counterexample, file } of github ? news : []) {
    const annotation = annotationOf(counterexample, placeOf(counterexample), file);
    if (json) console.error(annotation);
    else console.log(annotation);
  }
  return news.length > 0 ? 1 : 0;
}
