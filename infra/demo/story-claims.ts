import type { Step } from './claims.ts';
import { builtClaims } from './step-claims/1-built.ts';
import { dimensionClaims } from './step-claims/2-dimensions.ts';
import { hourClaims } from './step-claims/3-hours.ts';
import { heldClaims } from './step-claims/4-held.ts';
import { otherClaims } from './step-claims/4-others.ts';
import { mendedClaims } from './step-claims/5-mended.ts';
import { customersChanged, customersLanded } from './step-claims/customers.ts';
import { stockAtTheEnd, stockClaims } from './step-claims/stock.ts';
import { monitorClaims } from './step-claims/monitor.ts';
import { sumClaims } from './step-claims/6-sums.ts';
import { shrunkenClaims } from './step-claims/7-shrunken.ts';
import { restoredClaims } from './step-claims/8-restored.ts';
import { catalogueHeld, catalogueReleased } from './step-claims/catalogue.ts';
import { aroundClaims } from './step-claims/what-hangs-on-it.ts';
import type { StoryClaim } from './world.ts';

/** Everything the story claims, in the order in which it comes true. */
export const storyClaims: readonly StoryClaim[] = [
  ...builtClaims,
  ...dimensionClaims,
  ...customersLanded,
  ...hourClaims,
  ...stockClaims,
  ...heldClaims,
  ...otherClaims,
  ...aroundClaims,
  ...catalogueHeld,
  ...mendedClaims,
  ...catalogueReleased,
  ...sumClaims,
  ...stockAtTheEnd,
  ...shrunkenClaims,
  ...customersChanged,
  ...restoredClaims,
  ...monitorClaims,
];

/** The names that `--falsify` takes and that the exit code waits for. */
export const claimNames: readonly string[] = storyClaims.map(({ name }) => name);

/** The claims to read when a step has been told. */
export function claimsOfStep(step: Step): readonly StoryClaim[] {
  return storyClaims.filter((claim) => claim.step === step);
}
