// Reads the reports that librdkafka's test runner left, one per number of tests, and prints a line
// "test<TAB>outcome" for each test. One that is in no report was stopped by its time limit or crashed.
// Tests that the runner never started, because they need no broker or another one, are left out.
// Usage: node outcomes.js FILE-OF-NAMES DIRECTORY-OF-REPORTS

'use strict'

const fs = require('node:fs')
const path = require('node:path')

const [namesFile, directory] = process.argv.slice(2)
const OUTCOMES = { PASSED: 'passed', FAILED: 'failed', SKIPPED: 'skipped' }
const FILTERED = /SKIPPING TEST: Filtered due to/

// The runner chooses tests by the four digits at the front of their names.
const fileOf = (name, ending) => path.join(directory, `${name.slice(0, 4)}.${ending}`)

function outcome(name) {
  const log = fs.readFileSync(fileOf(name, 'log'), 'utf8')
  if (FILTERED.test(lastSkipReason(log, name))) return undefined
  return OUTCOMES[stateOf(name)] ?? 'failed'
}

function stateOf(name) {
  try {
    const report = JSON.parse(fs.readFileSync(fileOf(name, 'json'), 'utf8'))
    return report.tests[name].state
  } catch {
    // No report, or one that breaks off.
    return undefined
  }
}

// The runner names each test that it skips, padded to a fixed width, with its reason.
function lastSkipReason(log, name) {
  const lines = log.split('\n').filter(line => line.includes(`[${name} `) || line.includes(`[${name}/`))
  return lines.filter(line => line.includes('SKIPPING TEST')).at(-1) ?? ''
}

for (const name of fs.readFileSync(namesFile, 'utf8').split('\n').filter(Boolean)) {
  const result = outcome(name)
  if (result) console.log(`${name}\t${result}`)
}
