'use strict'

/** Consumer groups, their offsets, and transactions. */

const { PartitionAssigners } = require('kafkajs')
const { equal, fails, until } = require('./checks')
const { collect, numbers, texts } = require('./cluster')

const PARTITIONS = 4

function add(checks, cluster) {
  checks.check('group-eager', () => joinAndLeave(cluster))
  checks.check('group-resumes', () => resumes(cluster))
  checks.check('offsets-with-metadata', () => offsetsWithMetadata(cluster))
  checks.check('consume-transform-produce', () => transform(cluster))
  checks.check('transaction-commit', () => commit(cluster))
  checks.check('transaction-abort', () => abort(cluster))
  checks.check('transaction-fencing', () => fencing(cluster))
}

/** Starts a member; returns the partitions that it owns, kept up to date. */
async function join(consumer, topic) {
  const owned = { partitions: [] }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    owned.partitions = payload.memberAssignment[topic] || []
  })
  owned.messages = await collect(consumer, topic, true)
  return owned
}

/** One member has all, two share, and the one that stays has all again. */
async function joinAndLeave(cluster) {
  const topic = await cluster.newTopic(PARTITIONS)
  const options = { groupId: cluster.newName('group'), partitionAssigners: [PartitionAssigners.roundRobin] }
  await cluster.withConsumer(options, async (one) => {
    const first = await join(one, topic)
    await until(() => first.partitions.length === PARTITIONS, 'one member owns all')
    await cluster.withConsumer(options, async (other) => {
      const second = await join(other, topic)
      const all = () => [...first.partitions, ...second.partitions].sort()
      await until(() => first.partitions.length === 2 && all().join() === '0,1,2,3', 'two members share')
      const messages = numbers(PARTITIONS).map((value) => ({ value, partition: Number(value) }))
      await cluster.withProducer({}, (producer) => producer.send({ topic, messages }))
      const read = () => texts([...first.messages, ...second.messages]).sort()
      await until(() => read().length >= PARTITIONS, 'all messages are read')
      equal(numbers(PARTITIONS), read(), 'values')
    })
    await until(() => first.partitions.length === PARTITIONS, 'the one that stays owns all')
  })
}

async function resumes(cluster) {
  const topic = await cluster.newTopic()
  const groupId = cluster.newName('group')
  for (const values of [['a', 'b'], ['c', 'd']]) {
    await cluster.write(topic, values)
    await cluster.withConsumer({ groupId }, async (consumer) => {
      const messages = await collect(consumer, topic, true)
      await until(() => messages.length >= 2, 'the messages have come')
      equal(values, texts(messages), 'values')
      const next = String(Number(messages.at(-1).offset) + 1)
      await consumer.commitOffsets([{ topic, partition: 0, offset: next }])
    })
  }
}

async function offsetsWithMetadata(cluster) {
  const topic = await cluster.newTopic(2)
  const groupId = cluster.newName('group')
  await cluster.withConsumer({ groupId }, async (consumer) => {
    const owned = await join(consumer, topic)
    await until(() => owned.partitions.length === 2, 'the member owns all')
    await consumer.commitOffsets([{ topic, partition: 0, offset: '7', metadata: 'where I was: ✓' }])
  })
  const [fetched] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }))
  const shown = fetched.partitions.map((p) => [p.partition, p.offset, p.metadata]).sort()
  equal([0, '7', 'where I was: ✓'], shown[0], 'committed')
  equal('-1', shown[1][1], 'an offset nobody committed')
}

async function withTransactions(cluster, transactionalId, body) {
  return cluster.withProducer({ transactionalId, idempotent: true, maxInFlightRequests: 1 }, body)
}

async function commit(cluster) {
  const topic = await cluster.newTopic()
  const other = await cluster.newTopic()
  await withTransactions(cluster, cluster.newName('tx'), async (producer) => {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'a' }] })
    await transaction.send({ topic: other, messages: [{ value: 'b' }] })
    await transaction.commit()
  })
  equal(['a'], await cluster.values(topic, 1), 'values')
  equal(['b'], await cluster.values(other, 1), 'values of the other topic')
}

async function abort(cluster) {
  const topic = await cluster.newTopic()
  await withTransactions(cluster, cluster.newName('tx'), async (producer) => {
    for (const [value, end] of [['0', 'commit'], ['1', 'abort'], ['2', 'commit']]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await transaction[end]()
    }
  })
  equal(['0', '2'], await cluster.values(topic, 2), 'read_committed')
  equal(['0', '1', '2'], await cluster.values(topic, 3, { readUncommitted: true }), 'read_uncommitted')
}

async function fencing(cluster) {
  const topic = await cluster.newTopic()
  const name = cluster.newName('tx')
  await withTransactions(cluster, name, async (old) => {
    const left = await old.transaction()
    await left.send({ topic, messages: [{ value: 'of the old one' }] })
    await withTransactions(cluster, name, async (fresh) => {
      const transaction = await fresh.transaction()
      await transaction.send({ topic, messages: [{ value: 'of the new one' }] })
      await fails('INVALID_PRODUCER_EPOCH', left.commit(), 'committing with the old producer')
      await transaction.commit()
    })
  })
  equal(['of the new one'], await cluster.values(topic, 1), 'values')
}

/** Doubles numbers from one topic into another; every third round is aborted and done again. */
async function transform(cluster) {
  const source = await cluster.newTopic()
  const target = await cluster.newTopic()
  const groupId = cluster.newName('group')
  for (let part = 0; part < 5; part++) await cluster.write(source, numbers(50).slice(10 * part, 10 * part + 10))
  let done = 0
  let round = 0
  await withTransactions(cluster, cluster.newName('tx'), (producer) =>
    cluster.withConsumer({ groupId, maxBytes: 200 }, async (consumer) => {
      await consumer.subscribe({ topics: [source], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset }) => {
          const isAborted = round++ % 3 === 0
          const transaction = await producer.transaction()
          const messages = batch.messages.map(({ value }) => ({ value: String(2 * Number(value)) }))
          await transaction.send({ topic: target, messages })
          const offset = String(Number(batch.lastOffset()) + 1)
          const topics = [{ topic: source, partitions: [{ partition: 0, offset }] }]
          await transaction.sendOffsets({ consumerGroupId: groupId, topics })
          // A batch that is not resolved comes again.
          if (isAborted) return transaction.abort()
          await transaction.commit()
          resolveOffset(batch.lastOffset())
          done += messages.length
        },
      })
      await until(() => done >= 50, 'all numbers are doubled')
    }),
  )
  equal(numbers(50).map((n) => String(2 * n)), await cluster.values(target, 50), 'read_committed')
  const committed = async () => {
    const [fetched] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [source] }))
    return fetched.partitions[0].offset === '50'
  }
  await until(committed, 'the last offset is committed')
}

module.exports = { add }
