import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { withTableContext } from '../activities/gate/batch-context.ts';
import { evaluateSuite } from '../activities/gate/evaluate.ts';
import { hashOf } from '../activities/gate/gate-result.ts';
import type { Run } from '../expectations/compile.ts';
import { formatInstant, parseInstant } from '../expectations/instant.ts';
import type { Json, JsonObject } from '../expectations/json.ts';
import { failedExpectation, suiteResult } from '../expectations/judge.ts';
import { checkParameters } from '../expectations/parameters.ts';
import { problemText } from '../expectations/problem.ts';
import { resultMeta } from '../expectations/result-meta.ts';
import { readResultFormat } from '../expectations/result-format.ts';
import type { ResultFormat } from '../expectations/result-format.ts';
import { parseSuite } from '../expectations/suite.ts';
import type { Suite } from '../expectations/suite.ts';
import { didYouMean } from '../expectations/suggestion.ts';
import { outcomeOf } from '../expectations/verdict.ts';
import { answer } from './answer.ts';
import { cliFolders } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { withProgress } from './progress.ts';
import { readBatch, reading } from './reading.ts';
import { explainText } from './validate-explain.ts';
import { validationText } from './validate-text.ts';

/** `weir validate`: asks a suite of a table, and tells nobody but whoever asked. */
export default defineCommand({
  meta: {
    name: 'validate',
    description:
      'Check a table against a suite. Example: weir validate dim_stores --table gold.dim_stores --parameter min_rows=400 Exit codes: 0 it holds, 1 something critical failed, 2 a warning failed, 3 could not run.',
  },
  args: {
    suite: { type: 'positional', required: true, description: 'a suite file, or the name of one of ours' },
    table: { type: 'string', required: true, description: 'schema.table, or schema.view' },
    where: { type: 'string', description: 'SQL that chooses rows of it' },
    published: {
      type: 'string',
      description: 'schema.table that it would be published into, for promises about that',
    },
    parameter: { type: 'string', description: 'name=value, as JSON or text; again for each' },
    'as-of': { type: 'string', description: 'what now() is, ISO 8601 with a zone; default: now' },
    'result-format': {
      type: 'string',
      description: 'BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE, or an object as JSON',
    },
    json: { type: 'boolean', description: 'print Great Expectations’ result JSON' },
    explain: { type: 'boolean', description: 'print the SQL, its scans and what is proved, and ask nothing' },
    proofs: {
      type: 'boolean',
      default: true,
      description: 'take for proved what a valid constraint proves',
      negativeDescription: 'measure everything, whatever constraints say',
    },
  },
  run: exitsWith(async ({ args, rawArgs }): Promise<ExitCode> => {
    const suite = readSuite(args.suite);
    const run: Run = {
      values: readParameters(rawArgs),
      asOf: readAsOf(args['as-of']),
      format: readFormat(args['result-format']),
      proofs: args.proofs,
    };
    const unmet = checkParameters(suite, Object.keys(run.values));
    if (unmet.length > 0) throw new Failure(unmet.map(problemText).join('\n'));
    return await reading(run.asOf, 'weir validate', async (trx, beside) => {
      const read = await readBatch(trx, args.table, args.where);
      const published = args.published === undefined ? null : await readBatch(trx, args.published);
      const batch = await withTableContext(trx, read, suite, published?.relation ?? null);
      if (args.explain) {
        process.stdout.write(`${await explainText(trx, suite, batch, run)}\n`);
        return exitCodes.done;
      }
      const began = performance.now();
      const found = await withProgress(`checking ${args.table}`, () =>
        evaluateSuite(trx, suite, batch, run, beside),
      );
      const milliseconds = Math.round(performance.now() - began);
      const failed = found.judged.flatMap((one) => failedExpectation(one, new Set()) ?? []);
      const asked = { name: 'weir validate', asOf: run.asOf, asset: args.table };
      const meta = resultMeta(asked, {
        relation: args.table,
        ...(args.where === undefined ? {} : { where: args.where }),
        rows: found.rows,
        suite: { file: suite.file, sha256: hashOf(suite.text) },
        milliseconds,
      });
      const result = suiteResult(suite, found.judged, found, { parameters: run.values, meta });
      answer(args.json, result, () => validationText(suite, found, milliseconds));
      const outcome = outcomeOf(failed);
      return { pass: exitCodes.done, warn: exitCodes.warned, fail: exitCodes.gateFailed }[outcome];
    });
  }),
});

function readSuite(named: string): Suite {
  const folder = cliFolders().suitesFolder;
  const ours = path.join(folder, `${named}.json`);
  const file = existsSync(named) ? named : existsSync(ours) ? ours : null;
  if (file === null) {
    const known = readdirSync(folder).map((name) => path.basename(name, '.json'));
    throw new Failure(
      `there is no suite ${named}: no such file, and none of that name in expectations/suites. ${didYouMean(named, known)}`.trim(),
    );
  }
  return parseSuite(file, readFileSync(file, 'utf8'));
}

/** citty keeps only the last of several. */
function readParameters(rawArgs: readonly string[]): JsonObject {
  const written = rawArgs.flatMap((word, at) => {
    if (word === '--parameter') return [rawArgs[at + 1] ?? ''];
    return word.startsWith('--parameter=') ? [word.slice('--parameter='.length)] : [];
  });
  return Object.fromEntries(
    written.map((text): [string, Json] => {
      const at = text.indexOf('=');
      if (at < 1) throw new Failure(`--parameter ${text} is not name=value`);
      return [text.slice(0, at), jsonOrText(text.slice(at + 1))];
    }),
  );
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function readAsOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString();
  const instant = parseInstant(text);
  if (instant === null) throw new Failure(`--as-of ${text} is not ISO 8601, such as 2017-01-02T08:00:00Z`);
  return formatInstant(instant);
}

function readFormat(text: string | undefined): ResultFormat | null {
  if (text === undefined) return null;
  const format = readResultFormat(jsonOrText(text));
  if (format !== null) return format;
  throw new Failure(
    `--result-format ${text} is none: BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE, or {"result_format": …} as JSON`,
  );
}
