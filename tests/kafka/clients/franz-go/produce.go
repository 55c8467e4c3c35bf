package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// produceChecks: what is produced is stored as told, and what may not be stored is refused.
type produceChecks struct{ *cluster }

func (p produceChecks) run(all *checks) {
	for _, known := range codecs {
		all.check("round-trip-"+known.name, func(c *check) { p.roundTrip(c, known.name) })
	}
	all.check("topic-compression", p.topicCompression)
	all.check("headers", p.headers)
	all.check("null-key-and-value", p.nulls)
	all.check("murmur2-partitions", p.murmur2)
	all.check("acks-0", func(c *check) { p.acks(c, kgo.NoAck()) })
	all.check("acks-1", func(c *check) { p.acks(c, kgo.LeaderAck()) })
	all.check("acks-all", func(c *check) { p.acks(c, kgo.AllISRAcks()) })
	all.check("idempotent-producer", p.idempotent)
	all.check("message-near-limit", p.nearLimit)
	all.check("message-too-large", p.tooLarge)
	all.check("invalid-record", p.invalidRecord)
	all.check("auto-create", p.autoCreate)
	all.check("unknown-topic", p.unknownTopic)
}

func (p produceChecks) roundTrip(c *check, codec string) {
	topic := p.newTimedTopic(c, 3)
	producer := p.client(c, compression(codec), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	var sent []*kgo.Record
	for i := range 300 {
		number := strconv.Itoa(i)
		sent = append(sent, &kgo.Record{
			Topic:     topic,
			Partition: int32(i % 3),
			Key:       []byte("key-" + number),
			Value:     []byte(strings.Repeat("value ", 20) + number),
			Timestamp: time.UnixMilli(1_000_000 + int64(i)),
			Headers:   []kgo.RecordHeader{{Key: "number", Value: []byte(number)}},
		})
	}
	c.ok(producer.ProduceSync(c, sent...).FirstErr())
	records := p.readAll(c, topic, kgo.ReadUncommitted())
	c.equal(len(sent), len(records), "records")
	for _, record := range records {
		wanted := sent[record.Offset*3+int64(record.Partition)]
		c.equal(string(wanted.Key), string(record.Key), "key")
		c.equal(string(wanted.Value), string(record.Value), "value")
		c.equal(wanted.Timestamp.UnixMilli(), record.Timestamp.UnixMilli(), "timestamp")
		c.equal(wanted.Headers, record.Headers, "headers")
		c.equal(codec, compressionOf(record), "compression")
	}
}

// topicCompression: a topic may name the compression that its batches are stored with.
func (p produceChecks) topicCompression(c *check) {
	for _, known := range codecs[1:] {
		topic := p.newTopic(c, 1, "compression.type", known.name)
		for _, sent := range []string{"none", "gzip", "zstd"} {
			value := strings.Repeat(sent, 500)
			c.ok(p.client(c, compression(sent)).ProduceSync(c, text(topic, 0, value)).FirstErr())
		}
		for i, record := range p.readAll(c, topic, kgo.ReadUncommitted()) {
			c.equal(known.name, compressionOf(record), "compression")
			c.equal(int64(i), record.Offset, "offset")
		}
	}
}

func (p produceChecks) headers(c *check) {
	topic := p.newTopic(c, 1)
	headers := []kgo.RecordHeader{
		{Key: "same", Value: []byte("one")}, {Key: "same", Value: []byte("two")},
		{Key: "", Value: []byte{}}, {Key: "none"}, {Key: "ключ", Value: []byte("значение")},
	}
	c.ok(p.client(c).ProduceSync(c, &kgo.Record{Topic: topic, Headers: headers}).FirstErr())
	c.equal(headers, p.readAll(c, topic, kgo.ReadUncommitted())[0].Headers, "headers")
}

func (p produceChecks) nulls(c *check) {
	topic := p.newTopic(c, 1)
	producer := p.client(c)
	c.ok(producer.ProduceSync(c, &kgo.Record{Topic: topic}).FirstErr())
	c.ok(producer.ProduceSync(c, &kgo.Record{Topic: topic, Key: []byte{}, Value: []byte{}}).FirstErr())
	records := p.readAll(c, topic, kgo.ReadUncommitted())
	c.require(records[0].Key == nil && records[0].Value == nil, "null came back as %v/%v", records[0].Key, records[0].Value)
	c.require(records[1].Key != nil && records[1].Value != nil, "empty came back as null")
}

func (p produceChecks) murmur2(c *check) {
	agreed := loadExpected(c)
	topic := p.newTopic(c, agreed.Partitions)
	producer := p.client(c)
	for key, partition := range agreed.PartitionOfKey {
		record, err := producer.ProduceSync(c, &kgo.Record{Topic: topic, Key: []byte(key)}).First()
		c.ok(err)
		c.equal(partition, record.Partition, "partition of "+key)
	}
}

func (p produceChecks) acks(c *check, acks kgo.Acks) {
	topic := p.newTopic(c, 1)
	producer := p.client(c, kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
	for i := range 20 {
		c.ok(producer.ProduceSync(c, text(topic, 0, strconv.Itoa(i))).FirstErr())
	}
	// With acks=0 nobody says when a record is there, so it is waited for.
	c.await("all records are there", func() bool { return len(p.values(c, topic, kgo.ReadUncommitted())) == 20 })
	c.equal(numbers(20), p.values(c, topic, kgo.ReadUncommitted()), "values")
}

func (p produceChecks) idempotent(c *check) {
	topic := p.newTopic(c, 1)
	producer := p.client(c, kgo.ProducerBatchMaxBytes(600))
	for i := range 500 {
		producer.Produce(c, text(topic, 0, strconv.Itoa(i)), nil)
	}
	c.ok(producer.Flush(c))
	c.equal(numbers(500), p.values(c, topic, kgo.ReadCommitted()), "values")
}

func (p produceChecks) nearLimit(c *check) {
	topic := p.newTopic(c, 1)
	value := strings.Repeat("x", 1_048_400)
	producer := p.client(c, kgo.ProducerBatchMaxBytes(3_000_000), compression("none"))
	c.ok(producer.ProduceSync(c, text(topic, 0, value)).FirstErr())
	c.require(p.values(c, topic, kgo.ReadUncommitted())[0] == value, "the value came back changed")
}

func (p produceChecks) tooLarge(c *check) {
	topic := p.newTopic(c, 1)
	producer := p.client(c, kgo.ProducerBatchMaxBytes(3_000_000), compression("none"))
	err := producer.ProduceSync(c, text(topic, 0, strings.Repeat("x", 1_100_000))).FirstErr()
	c.fails(kerr.MessageTooLarge, err)
}

func (p produceChecks) invalidRecord(c *check) {
	topic := p.newTopic(c, 1, "cleanup.policy", "compact")
	c.fails(kerr.InvalidRecord, p.client(c).ProduceSync(c, text(topic, 0, "no key")).FirstErr())
}

func (p produceChecks) autoCreate(c *check) {
	topic := p.newName("auto")
	producer := p.client(c, kgo.AllowAutoTopicCreation())
	c.ok(producer.ProduceSync(c, text(topic, 0, "value")).FirstErr())
	c.equal([]string{"value"}, p.values(c, topic, kgo.ReadUncommitted()), "values")
}

func (p produceChecks) unknownTopic(c *check) {
	topic := p.newName("missing")
	producer := p.client(c, kgo.UnknownTopicRetries(1))
	err := producer.ProduceSync(c, text(topic, 0, "value")).FirstErr()
	c.require(errors.Is(err, kerr.UnknownTopicOrPartition), "producing to an unknown topic: %v", err)
	topics, err := p.admin(c).ListTopics(c)
	c.ok(err)
	c.require(!topics.Has(topic), "asking created the topic")
}
