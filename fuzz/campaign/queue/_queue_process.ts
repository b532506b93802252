/**
 * One process of a shared campaign, for the tests: its options come as JSON, its result goes to
 * standard output. Its line "batch" says that a batch is known.
 *
 * @module
 */
import { causeOf } from "../../../mod.ts";
import { CampaignError } from "../campaign.ts";
import { type QueueCampaignOptions, runQueueCampaign } from "./queue_campaign.ts";

if (import.meta.main) {
  const options: QueueCampaignOptions = JSON.parse(Deno.args[0]!);
  const leaving = new AbortController();
  Deno.addSignalListener("SIGTERM", () => leaving.abort());
  let seen = 0;
  try {
    const result = await runQueueCampaign({ ...options, signal: leaving.signal }, {
      onStanding: ({ runs }) => {
        if (runs > seen) console.log(JSON.stringify({ runs }));
        seen = runs;
      },
      onFinding: () => {},
      onIncident: () => {},
    });
    const { standing, findings, incidents, points: _, begun: __, ...rest } = result;
    const { seconds, memory: ___, marks, ...counts } = standing;
    console.log(JSON.stringify({
      result: {
        ...rest,
        ...counts,
        marks: [...marks],
        findings: findings.map(({ counterexample }) => causeOf(counterexample)),
        incidents: incidents.map(({ incident: { what, run } }) => [what, run]),
      },
      seconds,
    }));
    Deno.exit(0);
  } catch (error) {
    console.error(error instanceof CampaignError ? error.message : (error as Error).stack);
    Deno.exit(error instanceof CampaignError ? 2 : 3);
  }
}
