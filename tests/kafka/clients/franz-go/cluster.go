package main

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// cluster is the broker under check, seen by one run: clients, and names that are new.
type cluster struct {
	bootstrap string
	prefix    string
	names     atomic.Int64
}

// newName is a name that nobody has used.
func (k *cluster) newName(stem string) string {
	return fmt.Sprintf("%s-%s-%d", k.prefix, stem, k.names.Add(1))
}

// client is closed when the check ends.
func (k *cluster) client(c *check, options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(k.bootstrap),
		kgo.RetryTimeout(10 * time.Second),
		kgo.FetchMaxWait(100 * time.Millisecond),
	}, options...)...)
	c.ok(err)
	c.defers(client.CloseAllowingRebalance)
	return client
}

func (k *cluster) admin(c *check) *kadm.Client { return kadm.NewClient(k.client(c)) }

// newTopic creates a topic of a new name; the configuration is pairs of name and value.
func (k *cluster) newTopic(c *check, partitions int32, configuration ...string) string {
	configs := map[string]*string{}
	for i := 0; i < len(configuration); i += 2 {
		configs[configuration[i]] = &configuration[i+1]
	}
	admin, topic := k.admin(c), k.newName("topic")
	_, err := admin.CreateTopic(c, partitions, 1, configs, topic)
	c.ok(err)
	k.awaitPartitions(c, admin, topic, int(partitions))
	return topic
}

// awaitPartitions waits until the broker tells of as many partitions; it may learn of them a moment later.
func (k *cluster) awaitPartitions(c *check, admin *kadm.Client, topic string, count int) {
	c.await(fmt.Sprintf("%s has %d partitions", topic, count), func() bool {
		listed, err := admin.ListTopics(c, topic)
		c.ok(err)
		return len(listed[topic].Partitions) == count
	})
}

// newTimedTopic creates a topic that keeps records however old their timestamps are.
func (k *cluster) newTimedTopic(c *check, partitions int32) string {
	return k.newTopic(c, partitions, "retention.ms", "-1")
}

// fill writes the values `0`, `1`, ... to partition 0 and waits until all are acknowledged.
func (k *cluster) fill(c *check, topic string, count int) {
	producer := k.client(c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	var records []*kgo.Record
	for i := range count {
		records = append(records, text(topic, 0, strconv.Itoa(i)))
	}
	c.ok(producer.ProduceSync(c, records...).FirstErr())
}

// deleteBefore deletes what is before an offset of partition 0 and returns the log start offset that is answered.
func (k *cluster) deleteBefore(c *check, topic string, offset int64) int64 {
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, offset, -1)
	deleted, err := k.admin(c).DeleteRecords(c, offsets)
	c.ok(err)
	answer, _ := deleted.Lookup(topic, 0)
	c.ok(answer.Err)
	return answer.LowWatermark
}

// readAll is every record of a topic that this isolation level shows now, in the order it comes.
func (k *cluster) readAll(c *check, topic string, isolation kgo.IsolationLevel) []*kgo.Record {
	admin := k.admin(c)
	starts, err := admin.ListStartOffsets(c, topic)
	c.ok(err)
	list := admin.ListEndOffsets
	if isolation == kgo.ReadCommitted() {
		list = admin.ListCommittedOffsets
	}
	ends, err := list(c, topic)
	c.ok(err)
	// Control records say that the end is reached when what is before it is not shown.
	client := k.client(c, kgo.ConsumePartitions(starts.KOffsets()), kgo.FetchIsolationLevel(isolation), kgo.KeepControlRecords())
	open := map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(topic, end.Partition); start.Offset < end.Offset {
			open[end.Partition] = end.Offset - 1
		}
	})
	var records []*kgo.Record
	for len(open) > 0 {
		for _, record := range k.poll(c, client) {
			if last, isOpen := open[record.Partition]; isOpen && record.Offset >= last {
				delete(open, record.Partition)
			}
			if !record.Attrs.IsControl() {
				records = append(records, record)
			}
		}
	}
	return records
}

// values are the values of readAll.
func (k *cluster) values(c *check, topic string, isolation kgo.IsolationLevel) []string {
	return values(k.readAll(c, topic, isolation))
}

// expect ends the check unless the topic comes to show these values: a transaction is decided a moment
// before its readers learn of it.
func (k *cluster) expect(c *check, topic string, isolation kgo.IsolationLevel, expected ...string) {
	shown := k.values(c, topic, isolation)
	for tries := 0; tries < 50 && len(shown) < len(expected); tries++ {
		time.Sleep(50 * time.Millisecond)
		shown = k.values(c, topic, isolation)
	}
	c.equal(expected, shown, "values")
}

// poll waits for some records.
func (k *cluster) poll(c *check, client *kgo.Client) []*kgo.Record {
	fetches := client.PollFetches(c)
	for _, broken := range fetches.Errors() {
		c.fail("fetch of %s-%d: %v", broken.Topic, broken.Partition, broken.Err)
	}
	return fetches.Records()
}

// pollMany waits for as many records.
func (k *cluster) pollMany(c *check, client *kgo.Client, count int) []*kgo.Record {
	var records []*kgo.Record
	for len(records) < count {
		records = append(records, k.poll(c, client)...)
	}
	return records
}

func text(topic string, partition int32, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)}
}

func values(records []*kgo.Record) []string {
	shown := []string{}
	for _, record := range records {
		shown = append(shown, string(record.Value))
	}
	return shown
}

// numbers are the values that fill writes.
func numbers(count int) []string {
	texts := []string{}
	for i := range count {
		texts = append(texts, strconv.Itoa(i))
	}
	return texts
}
