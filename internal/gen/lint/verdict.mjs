// Reads what Redocly wrote and says whether the document passes: no error, no warning, and a high enough score.
import { readFileSync } from 'node:fs';

const [lintFile, scoreFile, minimum] = process.argv.slice(2);
const lint = JSON.parse(readFileSync(lintFile, 'utf8'));
const score = JSON.parse(readFileSync(scoreFile, 'utf8'));

for (const problem of lint.problems) {
  console.error(`${problem.severity}: ${problem.ruleId}: ${problem.message} (${problem.location?.[0]?.pointer ?? ''})`);
}
const readiness = score.agentReadiness;
console.log(`Redocly: ${lint.totals.errors} errors, ${lint.totals.warnings} warnings; agent readiness ${readiness}, at least ${minimum} wanted`);
if (lint.totals.errors + lint.totals.warnings > 0 || !(readiness >= Number(minimum))) {
  process.exit(1);
}
