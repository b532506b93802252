import type { QueueCampaignResult } from "./queue_campaign.ts";

/**
 * What went wrong with the batches of a shared campaign, in sentences. With any of these, what it says
 * of the log is not to be trusted.
 */
export function complaintsOf({ batches }: Pick<QueueCampaignResult, "batches">): string[] {
  const { failed, doubtful } = batches;
  return [
    ...failed.map(({ batch, words }) => `batch ${batch} failed three times: ${words}`),
    ...doubtful.map((batch) =>
      `batch ${batch} is not deterministic: two processes made it, and it showed something else`
    ),
  ];
}
