'use strict'

/**
 * The checks of KafkaJS.
 *
 * Usage: main.js BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...
 *
 * RUN makes the names of topics and groups new, so that a broker can be checked again and again. NODE_PATH
 * names the folder that KafkaJS is in.
 */

const admin = require('./admin')
const { Checks } = require('./checks')
const { Cluster } = require('./cluster')
const groups = require('./groups')
const records = require('./records')

async function main([bootstrap, run, phase, ...rest]) {
  const checks = new Checks(phase === 'checks' ? rest[0] : '')
  const cluster = new Cluster(bootstrap, `${run}-kafkajs`)
  if (phase === 'checks') {
    // Groups wait the longest, so they begin.
    for (const part of [groups, records, admin]) part.add(checks, cluster)
  } else if (phase === 'write') {
    checks.check('cross-write', () => records.crossWrite(cluster, `${run}-cross-kafkajs`))
  } else if (phase === 'read') {
    for (const writer of rest) {
      checks.check(`cross-read-${writer}`, () => records.crossRead(cluster, writer, `${run}-cross-${writer}`))
    }
  } else {
    throw new Error(`unknown phase ${phase}`)
  }
  return checks.finish()
}

// Clients of a check that ran out of time may still be running.
main(process.argv.slice(2)).then((code) => process.exit(code))
