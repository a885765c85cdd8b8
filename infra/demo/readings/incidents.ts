import { request } from 'node:https';

/** An incident, as far as the story's claims look at it. */
export interface IncidentFacts {
  readonly dedupKey: string;
  /** `triggered`, `acknowledged` or `resolved`. */
  readonly status: string;
  readonly createdAt: string;
  readonly summary: string;
  /** Everything the incident says, as one JSON text: what a responder could find in it. */
  readonly text: string;
}

/** Where the incidents are: the stand-in's address, and the certificate to trust. */
export interface IncidentsApi {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
}

/** The stand-in's incidents, open and resolved, oldest first. */
export async function readIncidents({ url, ca }: IncidentsApi): Promise<readonly IncidentFacts[]> {
  const { incidents } = fieldsOf(JSON.parse(await get(`${url}/api/incidents`, ca)));
  if (!Array.isArray(incidents)) {
    throw new Error(`GET ${url}/api/incidents answered without a list of incidents: is this the stand-in?`);
  }
  return incidents.map((incident: unknown) => {
    const { dedup_key, status, created_at, summary } = fieldsOf(incident);
    return {
      dedupKey: String(dedup_key),
      status: String(status),
      createdAt: String(created_at),
      summary: String(summary),
      text: JSON.stringify(incident),
    };
  });
}

/** What a responder needs, and how its presence in an incident is seen. */
export interface Needed {
  readonly expectations: readonly string[];
  /** Rows that broke something, and rows there were: `2 of 24`. */
  readonly shares: readonly string[];
  readonly workflowId: string;
  readonly verdictId: string;
  readonly owner: string;
}

/** The seven things the issue asks of a page. */
export const responderNeeds = [
  'what broke',
  'how much of what',
  'since when',
  'who owns it',
  'link to the run',
  'runbook',
  'what to press',
] as const;

/** Which of the seven an incident tells, in their order. */
export function toldBy(incident: IncidentFacts, needed: Needed): readonly (typeof responderNeeds)[number][] {
  const { text } = incident;
  const told: Record<(typeof responderNeeds)[number], boolean> = {
    'what broke': needed.expectations.every((type) => text.includes(type)),
    'how much of what': needed.shares.every((share) => text.includes(share)),
    'since when': /since|first_?failed/i.test(text) && /\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text),
    'who owns it': text.includes(needed.owner),
    'link to the run': new RegExp(`https?://[^"\\s]*/${encodeURIComponent(needed.workflowId)}/`).test(text),
    runbook: /docs\/runbooks\/[\w-]+\.md/.test(text),
    'what to press': text.includes('reloadAndRetry') && text.includes(needed.verdictId),
  };
  return responderNeeds.filter((need) => told[need]);
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${url} answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`GET ${url} was not answered within 10 s`)));
    asked.on('error', reject);
    asked.end();
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
