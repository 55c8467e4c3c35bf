'use strict'

const { Kafka, Partitioners, logLevel } = require('kafkajs')
const { equal, pause, until } = require('./checks')

/** The broker under check, seen by one run: clients, and names that are new. */
class Cluster {
  constructor(bootstrap, prefix) {
    // A broker may need a moment to learn of a new topic; failures that last are told after some 4 s.
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 10 }
    const common = { brokers: [bootstrap], logLevel: logLevel.NOTHING, requestTimeout: 10_000, retry }
    this.kafka = new Kafka(common)
    this.prefix = prefix
    this.names = 0
  }

  /** A name that nobody has used. */
  newName(stem) {
    return `${this.prefix}-${stem}-${++this.names}`
  }

  /** Runs the body with a connected admin client. */
  async withAdmin(body) {
    return use(this.kafka.admin(), body)
  }

  /** Runs the body with a connected producer. */
  async withProducer(options, body) {
    return use(this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options }), body)
  }

  /** Runs the body with a connected consumer of a new group, unless the options name one. */
  async withConsumer(options, body) {
    const defaults = { groupId: this.newName('group'), maxWaitTimeInMs: 100, heartbeatInterval: 300, sessionTimeout: 10_000 }
    return use(this.kafka.consumer({ ...defaults, ...options }), body)
  }

  /** Creates a topic of a new name. */
  async newTopic(partitions = 1, configuration = {}) {
    const topic = this.newName('topic')
    await this.createTopic(topic, partitions, configuration)
    return topic
  }

  async createTopic(topic, partitions, configuration = {}) {
    const configEntries = Object.entries(configuration).map(([name, value]) => ({ name, value }))
    const wanted = { topic, numPartitions: partitions, replicationFactor: 1, configEntries }
    await this.withAdmin((admin) => admin.createTopics({ topics: [wanted] }))
  }

  /** Deletes the records of partition 0 before an offset. */
  async deleteBefore(topic, offset) {
    await this.withAdmin(async (admin) => {
      // KafkaJS deletes only from topics that it has heard of.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
    })
  }

  /** Writes values to partition 0. */
  async write(topic, values) {
    const messages = values.map((value) => ({ partition: 0, value }))
    await this.withProducer({}, (producer) => producer.send({ topic, messages }))
  }

  /** Reads as many messages from the start, and a moment longer to see whether there are more. */
  async read(topic, count, options = {}) {
    return this.withConsumer(options, async (consumer) => {
      const messages = await collect(consumer, topic, true)
      await until(() => messages.length >= count, `${count} messages of ${topic} have come; ${messages.length} have`)
      await pause(200)
      equal(count, messages.length, `messages of ${topic}`)
      return messages
    })
  }

  /** The values of `read`, as texts. */
  async values(topic, count, options = {}) {
    return texts(await this.read(topic, count, options))
  }
}

/** Starts consuming; returns the list that the messages come to. */
async function collect(consumer, topic, fromBeginning) {
  const messages = []
  await consumer.subscribe({ topics: [topic], fromBeginning })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      messages.push({ ...message, partition })
    },
  })
  return messages
}

async function use(client, body) {
  await client.connect()
  try {
    return await body(client)
  } finally {
    await client.disconnect()
  }
}

function texts(messages) {
  return messages.map((message) => message.value.toString())
}

function numbers(count) {
  return Array.from({ length: count }, (_, i) => String(i))
}

module.exports = { Cluster, collect, texts, numbers }
