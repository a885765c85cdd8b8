import { byIncidents, type StoryClaim } from '../world.ts';
import { storyIncidents } from './story-incidents.ts';

/** What a page says of the trouble around a held gate, and how each is seen in it. */
const AROUND = {
  'its tier': /"tier":1\b/,
  'what waits': /"downstream_held":\["fct_daily_sales"/,
  'objectives at risk': /"objectives_at_risk":\[[^\]]*fct_daily_sales/,
  'what changed lately': /"changed_lately":/,
  'until when to decide': /"hold_ends":"\d{4}-/,
  'the suite to read': /"text":"Suite"/,
} as const;

/** Step 4, on-call: what hangs on the held hour, and where to look for its cause. */
export const aroundClaims: readonly StoryClaim[] = [
  {
    name: 'incident-tells-what-hangs-on-it',
    step: 4,
    says: 'the incident tells how much hangs on the hour, what changed lately and until when to decide',
    from: 'stand-in GET /api/incidents',
    expected: () => Object.keys(AROUND),
    read: async (world) => {
      const [incident] = await storyIncidents(world);
      return Object.entries(AROUND).flatMap(([what, seen]) =>
        incident !== undefined && seen.test(incident.text) ? [what] : [],
      );
    },
    falsify: byIncidents((incidents) =>
      incidents.map((one) => ({ ...one, text: one.text.replaceAll('objectives_at_risk', '') })),
    ),
  },
];
