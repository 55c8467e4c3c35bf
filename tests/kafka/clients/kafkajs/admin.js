'use strict'

/** Admin calls. */

const assert = require('node:assert')
const { ConfigResourceTypes } = require('kafkajs')
const { equal, fails, until } = require('./checks')
const { collect, numbers } = require('./cluster')

function add(checks, cluster) {
  checks.check('admin-topics', () => topics(cluster))
  checks.check('admin-topics-refused', () => topicsRefused(cluster))
  checks.check('admin-partitions', () => partitions(cluster))
  checks.check('admin-alter-configs-whole', () => configs(cluster))
  checks.check('admin-delete-records', () => deleteRecords(cluster))
  checks.check('admin-groups', () => groups(cluster))
  checks.check('admin-group-offsets', () => groupOffsets(cluster))
  checks.check('admin-cluster', () => describeCluster(cluster))
}

async function topics(cluster) {
  const topic = await cluster.newTopic(3)
  await cluster.withAdmin(async (admin) => {
    assert((await admin.listTopics()).includes(topic), 'not listed')
    const described = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]
    equal(3, described.partitions.length, 'partitions')
    for (const partition of described.partitions) {
      equal([partition.leader], partition.replicas, 'replicas')
      equal([partition.leader], partition.isr, 'in-sync replicas')
    }
    await admin.deleteTopics({ topics: [topic] })
    await until(async () => !(await admin.listTopics()).includes(topic), 'the topic is gone')
    await fails('UNKNOWN_TOPIC_OR_PARTITION', admin.deleteTopics({ topics: [topic] }), 'deleting it again')
  })
}

async function topicsRefused(cluster) {
  const topic = cluster.newName('topic')
  const wrong = [{ name: 'retention.ms', value: 'soon' }]
  await cluster.withAdmin(async (admin) => {
    const create = (options) => admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, ...options }] })
    await fails('INVALID_REPLICATION_FACTOR', create({ replicationFactor: 3 }), 'three replicas')
    await fails('INVALID_PARTITIONS', create({ numPartitions: 0 }), 'no partitions')
    await fails('INVALID_TOPIC_EXCEPTION', create({ topic: 'no/slash' }), 'a slash in the name')
    await fails('INVALID_CONFIG', create({ configEntries: wrong }), 'a wrong value')
    equal(true, await create({}), 'created')
    equal(false, await create({}), 'created again')
  })
}

async function partitions(cluster) {
  const topic = await cluster.newTopic(2)
  await cluster.withAdmin(async (admin) => {
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
    const grown = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length === 5
    await until(grown, 'there are five partitions')
    await fails('INVALID_PARTITIONS', admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }), 'removing partitions')
  })
}

async function configs(cluster) {
  const topic = await cluster.newTopic(1, { 'retention.ms': '60000' })
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
  await cluster.withAdmin(async (admin) => {
    const configEntries = [{ name: 'max.message.bytes', value: '2000' }]
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] })
    const described = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    const byName = new Map(described.resources[0].configEntries.map((entry) => [entry.configName, entry.configValue]))
    equal('2000', byName.get('max.message.bytes'), 'max.message.bytes')
    // This request replaces all of a topic's own configuration.
    equal('604800000', byName.get('retention.ms'), 'retention.ms')
  })
}

async function deleteRecords(cluster) {
  const topic = await cluster.newTopic()
  await cluster.write(topic, numbers(10))
  await cluster.deleteBefore(topic, 6)
  equal(['6', '7', '8', '9'], await cluster.values(topic, 4), 'values')
}

async function groups(cluster) {
  const topic = await cluster.newTopic()
  const groupId = cluster.newName('group')
  await cluster.write(topic, ['value'])
  await cluster.withAdmin(async (admin) => {
    await cluster.withConsumer({ groupId }, async (consumer) => {
      const messages = await collect(consumer, topic, true)
      await until(() => messages.length === 1, 'the member reads')
      const listed = (await admin.listGroups()).groups.find((group) => group.groupId === groupId)
      equal('consumer', listed.protocolType, 'listed protocol type')
      const [described] = (await admin.describeGroups([groupId])).groups
      equal(['Stable', 'RoundRobinAssigner', 1], [described.state, described.protocol, described.members.length], 'described')
      await fails('NON_EMPTY_GROUP', admin.deleteGroups([groupId]), 'deleting a group with members')
    })
    await admin.deleteGroups([groupId])
    await fails('GROUP_ID_NOT_FOUND', admin.deleteGroups([groupId]), 'deleting it again')
  })
}

async function groupOffsets(cluster) {
  const topic = await cluster.newTopic()
  const groupId = cluster.newName('group')
  await cluster.write(topic, numbers(10))
  await cluster.withAdmin(async (admin) => {
    const shown = async () => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0].offset
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '5' }] })
    equal('5', await shown(), 'offset')
    await admin.resetOffsets({ groupId, topic, earliest: true })
    equal('-2', await shown(), 'offset after resetting')
  })
}

async function describeCluster(cluster) {
  await cluster.withAdmin(async (admin) => {
    const described = await admin.describeCluster()
    equal([described.controller], described.brokers.map((broker) => broker.nodeId), 'brokers')
    assert(described.clusterId, 'the cluster has no id')
  })
}

module.exports = { add }
