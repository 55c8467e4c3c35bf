'use strict'

/**
 * Runs named checks and prints a line for each: `ok NAME` or `FAILED NAME: reason`. A check mostly waits (for
 * groups to settle, for time-outs), so a few run beside each other; each has its own topics.
 */

const assert = require('node:assert')

// A check that takes longer has failed: clients retry for minutes what a broker never answers.
const LIMIT_MS = 25_000
const AT_A_TIME = 4
const REASON_LENGTH_MAX = 300

class Checks {
  constructor(wanted = '') {
    this.wanted = new RegExp(wanted)
    this.waiting = []
    this.passed = 0
    this.failed = 0
  }

  /** Notes a check, unless its name is not wanted. */
  check(name, body) {
    if (this.wanted.test(name)) this.waiting.push({ name, body })
  }

  /** Runs all checks, prints the count and returns the exit code. */
  async finish() {
    const runner = async () => {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await this.run(next)
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, runner))
    console.log(`${this.passed} passed, ${this.failed} failed`)
    return this.failed === 0 ? 0 : 1
  }

  async run({ name, body }) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS / 1000} s`)), LIMIT_MS)
    })
    try {
      await Promise.race([body(), late])
      this.passed++
      console.log(`ok ${name}`)
    } catch (failure) {
      this.failed++
      const reason = String(failure.message || failure).replace(/\s+/g, ' ').slice(0, REASON_LENGTH_MAX)
      console.log(`FAILED ${name}: ${reason}`)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Fails the running check unless both are deeply equal. */
function equal(expected, actual, what) {
  assert.deepStrictEqual(actual, expected, `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
}

/** Fails the running check unless the promise fails with an error of this type in the protocol. */
async function fails(type, promise, what) {
  try {
    await promise
  } catch (failure) {
    const types = errorTypes(failure)
    assert(types.includes(type), `${what}: expected ${type}, got ${types.join(', ') || failure}`)
    return
  }
  assert.fail(`${what} went well`)
}

/** KafkaJS wraps errors, several deep, or in a list. */
function errorTypes(failure) {
  if (!failure) return []
  const inner = [failure.cause, failure.originalError, ...(failure.errors || []), ...(failure.groups || []).map((g) => g.error)]
  return [failure.type, ...inner.flatMap(errorTypes)].filter(Boolean)
}

/** Asks again until the answer is yes, and returns it. */
async function until(condition, what) {
  const end = Date.now() + LIMIT_MS - 1000
  for (;;) {
    const answer = await condition()
    if (answer) return answer
    assert(Date.now() < end, `waited in vain until ${what}`)
    await pause(20)
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

module.exports = { Checks, equal, fails, until, pause }
