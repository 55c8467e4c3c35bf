package main

import (
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// crossChecks: what one client writes, all others read equal. Each client writes one topic,
// `RUN-cross-CLIENT`.
type crossChecks struct{ cluster *cluster }

func (x *crossChecks) topic(writer string) string { return x.cluster.prefix + "-cross-" + writer }

func (x *crossChecks) write(c *check) {
	agreed := loadExpected(c)
	topic := x.topic("franz-go")
	keepAll := "-1"
	_, err := x.cluster.admin(c).CreateTopic(c, agreed.Partitions, 1, map[string]*string{"retention.ms": &keepAll}, topic)
	c.ok(err)
	for _, record := range agreed.Records {
		sent := &kgo.Record{
			Topic:     topic,
			Key:       []byte(record.Key),
			Value:     []byte(strings.Repeat(record.Value, record.Times)),
			Timestamp: time.UnixMilli(record.Timestamp),
		}
		for _, header := range record.Headers {
			sent.Headers = append(sent.Headers, kgo.RecordHeader{Key: header[0], Value: []byte(header[1])})
		}
		producer := x.cluster.client(c, compression(record.Compression))
		c.ok(producer.ProduceSync(c, sent).FirstErr())
	}
}

func (x *crossChecks) read(c *check, writer string) {
	agreed := loadExpected(c)
	byValue := map[string]*kgo.Record{}
	for _, record := range x.cluster.readAll(c, x.topic(writer), kgo.ReadCommitted()) {
		byValue[string(record.Value)] = record
	}
	c.equal(len(agreed.Records), len(byValue), "records")
	for _, wanted := range agreed.Records {
		what := " of " + wanted.Key + " (" + wanted.Compression + ")"
		record := byValue[strings.Repeat(wanted.Value, wanted.Times)]
		c.require(record != nil, "no record has the value%s", what)
		c.equal(wanted.Key, string(record.Key), "key"+what)
		c.equal(wanted.Partition, record.Partition, "partition"+what)
		headers := [][2]string{}
		for _, header := range record.Headers {
			headers = append(headers, [2]string{header.Key, string(header.Value)})
		}
		c.equal(wanted.Headers, headers, "headers"+what)
		// Some clients send a batch as it is when compressing does not make it smaller.
		if wanted.Times > 1 {
			c.equal(wanted.Compression, compressionOf(record), "compression"+what)
		}
		// kcat has no option for the timestamp.
		if writer != "kcat" {
			c.equal(wanted.Timestamp, record.Timestamp.UnixMilli(), "timestamp"+what)
		}
	}
}
