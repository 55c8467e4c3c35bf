'use strict'

/** Producing, reading, and the cross-check: what one client writes, all others read equal. */

const assert = require('node:assert')
const fs = require('node:fs')
const { equal, fails, pause, until } = require('./checks')
const { collect, numbers, texts } = require('./cluster')
const { compressions } = require('./codecs')

function add(checks, cluster) {
  for (const name of Object.keys(compressions)) checks.check(`round-trip-${name}`, () => roundTrip(cluster, name))
  checks.check('headers', () => headers(cluster))
  checks.check('null-key-and-value', () => nulls(cluster))
  checks.check('murmur2-partitions', () => murmur2(cluster))
  for (const [name, acks] of [['0', 0], ['1', 1], ['all', -1]]) checks.check(`acks-${name}`, () => acknowledged(cluster, acks))
  checks.check('idempotent-producer', () => idempotent(cluster))
  checks.check('message-near-limit', () => nearLimit(cluster))
  checks.check('message-too-large', () => tooLarge(cluster))
  checks.check('auto-create', () => autoCreate(cluster))
  checks.check('unknown-topic', () => unknownTopic(cluster))
  checks.check('reset-latest', () => resetLatest(cluster))
  checks.check('reset-out-of-range', () => resetOutOfRange(cluster))
  checks.check('seek-by-time', () => seekByTime(cluster))
  checks.check('list-offsets', () => listOffsets(cluster))
  checks.check('pause-resume', () => pauseResume(cluster))
  checks.check('long-poll', () => longPoll(cluster))
}

/** What all clients agree on; the checks run in the project's root. */
function loadExpected() {
  return JSON.parse(fs.readFileSync('tests/kafka/clients/expected.json', 'utf8'))
}

/** Headers as texts; KafkaJS shows one that comes several times as a list. */
function shownHeaders(message) {
  return Object.entries(message.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one.toString()]))
}

async function roundTrip(cluster, name) {
  const topic = await cluster.newTopic(3, { 'retention.ms': '-1' })
  const sent = numbers(300).map((i) => ({
    partition: i % 3,
    key: `key-${i}`,
    value: 'value '.repeat(20) + i,
    timestamp: String(1_000_000 + Number(i)),
    headers: { number: i },
  }))
  await cluster.withProducer({}, (producer) => producer.send({ topic, messages: sent, compression: compressions[name] }))
  for (const message of await cluster.read(topic, 300)) {
    const wanted = sent[Number(message.offset) * 3 + message.partition]
    const shown = [message.key.toString(), message.value.toString(), message.timestamp, message.headers.number.toString()]
    equal([wanted.key, wanted.value, wanted.timestamp, wanted.headers.number], shown, 'message')
  }
}

async function headers(cluster) {
  const topic = await cluster.newTopic()
  const message = { value: 'value', headers: { same: ['one', 'two'], '': '', ключ: 'значение' } }
  await cluster.withProducer({}, (producer) => producer.send({ topic, messages: [message] }))
  const [read] = await cluster.read(topic, 1)
  equal([['same', 'one'], ['same', 'two'], ['', ''], ['ключ', 'значение']], shownHeaders(read), 'headers')
}

async function nulls(cluster) {
  const topic = await cluster.newTopic()
  const messages = [{ key: null, value: null }, { key: '', value: '' }]
  await cluster.withProducer({}, (producer) => producer.send({ topic, messages }))
  const [nothing, empty] = await cluster.read(topic, 2)
  equal([null, null], [nothing.key, nothing.value], 'null key and value')
  equal([0, 0], [empty.key.length, empty.value.length], 'lengths of empty key and value')
}

async function murmur2(cluster) {
  const expected = loadExpected()
  const topic = await cluster.newTopic(expected.partitions)
  await cluster.withProducer({}, async (producer) => {
    for (const [key, partition] of Object.entries(expected.partition_of_key)) {
      const [answer] = await producer.send({ topic, messages: [{ key, value: '' }] })
      equal(partition, answer.partition, `partition of ${key}`)
    }
  })
}

async function acknowledged(cluster, acks) {
  const topic = await cluster.newTopic()
  await cluster.withProducer({}, async (producer) => {
    for (const value of numbers(20)) await producer.send({ topic, acks, messages: [{ value }] })
  })
  equal(numbers(20), await cluster.values(topic, 20), 'values')
}

async function idempotent(cluster) {
  const topic = await cluster.newTopic()
  await cluster.withProducer({ idempotent: true, maxInFlightRequests: 5 }, async (producer) => {
    for (const value of numbers(50)) await producer.send({ topic, messages: [{ value }] })
  })
  equal(numbers(50), await cluster.values(topic, 50), 'values')
}

async function nearLimit(cluster) {
  const topic = await cluster.newTopic()
  const value = 'x'.repeat(1_048_400)
  await cluster.write(topic, [value])
  assert((await cluster.values(topic, 1))[0] === value, 'the value came back changed')
}

async function tooLarge(cluster) {
  const topic = await cluster.newTopic()
  await fails('MESSAGE_TOO_LARGE', cluster.write(topic, ['x'.repeat(1_100_000)]), 'a message above the limit')
}

async function autoCreate(cluster) {
  const topic = cluster.newName('auto')
  await cluster.write(topic, ['value'])
  equal(['value'], await cluster.values(topic, 1), 'values')
}

async function unknownTopic(cluster) {
  const topic = cluster.newName('missing')
  await cluster.withAdmin(async (admin) => {
    await fails('UNKNOWN_TOPIC_OR_PARTITION', admin.fetchTopicOffsets(topic), 'asking for the offsets of an unknown topic')
    assert(!(await admin.listTopics()).includes(topic), 'asking created the topic')
  })
}

async function resetLatest(cluster) {
  const topic = await cluster.newTopic()
  await cluster.write(topic, numbers(10))
  await cluster.withConsumer({}, async (consumer) => {
    const messages = await collect(consumer, topic, false)
    // The consumer asks for the end in the background; messages are written until it has seen one.
    await until(async () => {
      await cluster.write(topic, ['new'])
      return messages.length > 0
    }, 'a new message comes')
    equal('new', texts(messages)[0], 'first value')
  })
}

async function resetOutOfRange(cluster) {
  const topic = await cluster.newTopic()
  await cluster.write(topic, numbers(10))
  const groupId = cluster.newName('group')
  await cluster.deleteBefore(topic, 4)
  await cluster.withAdmin((admin) => admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] }))
  equal(numbers(10).slice(4), await cluster.values(topic, 6, { groupId }), 'values')
}

async function seekByTime(cluster) {
  const topic = await cluster.newTopic(1, { 'retention.ms': '-1' })
  const messages = numbers(10).map((value) => ({ value, timestamp: String(1000 * (Number(value) + 1)) }))
  await cluster.withProducer({}, async (producer) => {
    for (const message of messages) await producer.send({ topic, messages: [message] })
  })
  const [found] = await cluster.withAdmin((admin) => admin.fetchTopicOffsetsByTimestamp(topic, 4500))
  equal('4', found.offset, 'offset')
  await cluster.withConsumer({}, async (consumer) => {
    const read = await collect(consumer, topic, true)
    consumer.seek({ topic, partition: 0, offset: found.offset })
    await until(() => texts(read).slice(-6).join() === '4,5,6,7,8,9', 'the messages from the offset have come')
  })
}

async function listOffsets(cluster) {
  const topic = await cluster.newTopic()
  await cluster.write(topic, numbers(7))
  await cluster.deleteBefore(topic, 3)
  const [bounds] = await cluster.withAdmin((admin) => admin.fetchTopicOffsets(topic))
  equal(['3', '7'], [bounds.low, bounds.high], 'bounds')
}

async function pauseResume(cluster) {
  const topic = await cluster.newTopic()
  await cluster.withConsumer({}, async (consumer) => {
    const messages = await collect(consumer, topic, true)
    consumer.pause([{ topic }])
    await cluster.write(topic, ['value'])
    await pause(400)
    equal([], texts(messages), 'values while paused')
    consumer.resume([{ topic }])
    await until(() => messages.length === 1, 'the message has come')
  })
}

/** A fetch that may wait for 5 s, and so by its own limit, is answered when a message comes. */
async function longPoll(cluster) {
  const topic = await cluster.newTopic()
  await cluster.withConsumer({ maxWaitTimeInMs: 5000 }, async (consumer) => {
    const messages = await collect(consumer, topic, true)
    await cluster.write(topic, ['joined'])
    await until(() => messages.length === 1, 'the consumer has joined')
    await pause(300)
    const began = Date.now()
    await cluster.write(topic, ['wake'])
    await until(() => messages.length === 2, 'the message has come')
    assert(Date.now() - began < 4000, 'the fetch was not answered at once')
  })
}

async function crossWrite(cluster, topic) {
  const expected = loadExpected()
  await cluster.createTopic(topic, expected.partitions, { 'retention.ms': '-1' })
  await cluster.withProducer({}, async (producer) => {
    for (const record of expected.records) {
      const grouped = {}
      for (const [name, value] of record.headers) grouped[name] = [...(grouped[name] || []), value]
      const { key, timestamp } = record
      const message = { key, value: record.value.repeat(record.times), timestamp: String(timestamp), headers: grouped }
      await producer.send({ topic, messages: [message], compression: compressions[record.compression] })
    }
  })
}

async function crossRead(cluster, writer, topic) {
  const { records } = loadExpected()
  const read = await cluster.read(topic, records.length)
  const byValue = new Map(read.map((message) => [message.value.toString(), message]))
  for (const wanted of records) {
    const what = `of ${wanted.key} (${wanted.compression})`
    const message = byValue.get(wanted.value.repeat(wanted.times))
    assert(message, `no message has the value ${what}`)
    equal(wanted.key, message.key.toString(), `key ${what}`)
    equal(wanted.partition, message.partition, `partition ${what}`)
    equal(wanted.headers, shownHeaders(message), `headers ${what}`)
    // kcat has no option for the timestamp.
    if (writer !== 'kcat') equal(String(wanted.timestamp), message.timestamp, `timestamp ${what}`)
  }
}

module.exports = { add, crossWrite, crossRead }
