package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// readChecks: where reading starts, where it is sent, and when it wakes.
type readChecks struct{ *cluster }

func (r readChecks) run(all *checks) {
	all.check("reset-earliest", func(c *check) { r.start(c, kgo.NewOffset().AtStart(), "0") })
	all.check("reset-latest", r.latest)
	all.check("reset-out-of-range", r.outOfRange)
	all.check("start-by-time", r.byTime)
	all.check("list-offsets", r.listOffsets)
	all.check("pause-resume", r.pauseResume)
	all.check("long-poll", r.longPoll)
	all.check("small-fetches", r.smallFetches)
	all.check("many-partitions", r.manyPartitions)
	all.check("pattern-of-topics", r.pattern)
}

// reader reads partition 0 of a topic from an offset.
func (r readChecks) reader(c *check, topic string, at kgo.Offset, options ...kgo.Opt) *kgo.Client {
	partitions := map[string]map[int32]kgo.Offset{topic: {0: at}}
	return r.client(c, append(options, kgo.ConsumePartitions(partitions))...)
}

func (r readChecks) start(c *check, at kgo.Offset, first string) {
	topic := r.newTopic(c, 1)
	r.fill(c, topic, 10)
	c.equal(first, string(r.poll(c, r.reader(c, topic, at))[0].Value), "first value")
}

func (r readChecks) latest(c *check) {
	topic := r.newTopic(c, 1)
	r.fill(c, topic, 10)
	client := r.reader(c, topic, kgo.NewOffset().AtEnd())
	// The client asks for the end in the background; records are written until it has seen one.
	writing := r.client(c)
	c.require(client.PollRecords(done(), 1).NumRecords() == 0, "a record from before the end")
	var fetched []*kgo.Record
	c.await("a new record comes", func() bool {
		c.ok(writing.ProduceSync(c, text(topic, 0, "new")).FirstErr())
		fetched = client.PollRecords(within(c, 200*time.Millisecond), 1).Records()
		return len(fetched) > 0
	})
	c.equal("new", string(fetched[0].Value), "first value")
}

func (r readChecks) outOfRange(c *check) {
	topic := r.newTopic(c, 1)
	r.fill(c, topic, 10)
	r.deleteBefore(c, topic, 4)
	reset := kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())
	for _, at := range []int64{1, 1000} {
		client := r.reader(c, topic, kgo.NewOffset().At(at), reset)
		c.equal("4", string(r.poll(c, client)[0].Value), fmt.Sprintf("value from offset %d", at))
	}
}

func (r readChecks) byTime(c *check) {
	topic := r.newTimedTopic(c, 1)
	producer := r.client(c)
	for i := range 10 {
		record := text(topic, 0, fmt.Sprint(i))
		record.Timestamp = time.UnixMilli(int64(1000 * i))
		c.ok(producer.ProduceSync(c, record).FirstErr())
	}
	client := r.reader(c, topic, kgo.NewOffset().AfterMilli(4500))
	c.equal("5", string(r.poll(c, client)[0].Value), "first value")
	listed, err := r.admin(c).ListOffsetsAfterMilli(c, 4500, topic)
	c.ok(err)
	found, _ := listed.Lookup(topic, 0)
	c.equal(int64(5), found.Offset, "offset")
	c.equal(int64(5000), found.Timestamp, "timestamp")
}

func (r readChecks) listOffsets(c *check) {
	topic := r.newTimedTopic(c, 1)
	producer := r.client(c)
	for _, milli := range []int64{1000, 5000, 3000} {
		record := text(topic, 0, "value")
		record.Timestamp = time.UnixMilli(milli)
		c.ok(producer.ProduceSync(c, record).FirstErr())
	}
	admin := r.admin(c)
	offset := func(listed kadm.ListedOffsets, err error) int64 {
		c.ok(err)
		found, _ := listed.Lookup(topic, 0)
		c.ok(found.Err)
		return found.Offset
	}
	c.equal(int64(0), offset(admin.ListStartOffsets(c, topic)), "start")
	c.equal(int64(3), offset(admin.ListEndOffsets(c, topic)), "end")
	c.equal(int64(3), offset(admin.ListCommittedOffsets(c, topic)), "last stable offset")
	c.equal(int64(1), offset(admin.ListMaxTimestampOffsets(c, topic)), "largest timestamp")
}

func (r readChecks) pauseResume(c *check) {
	topic := r.newTopic(c, 2)
	producer := r.client(c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	start := kgo.NewOffset().AtStart()
	client := r.client(c, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: start, 1: start}}))
	client.PauseFetchPartitions(map[string][]int32{topic: {0}})
	c.ok(producer.ProduceSync(c, text(topic, 0, "paused"), text(topic, 1, "other")).FirstErr())
	c.equal("other", string(r.poll(c, client)[0].Value), "value while paused")
	c.equal(0, client.PollFetches(within(c, 300*time.Millisecond)).NumRecords(), "records of a paused partition")
	client.ResumeFetchPartitions(map[string][]int32{topic: {0}})
	c.equal("paused", string(r.poll(c, client)[0].Value), "value after resuming")
}

// longPoll: a fetch that may wait for a minute is answered when a record comes.
func (r readChecks) longPoll(c *check) {
	topic := r.newTopic(c, 1)
	client := r.reader(c, topic, kgo.NewOffset().AtStart(), kgo.FetchMaxWait(time.Minute))
	// Long enough for the fetch to be waiting in the broker; if it is not yet, the check is only weaker.
	c.equal(0, client.PollFetches(within(c, 300*time.Millisecond)).NumRecords(), "records of an empty topic")
	c.ok(r.client(c).ProduceSync(c, text(topic, 0, "wake")).FirstErr())
	fetches := client.PollFetches(within(c, 5*time.Second))
	c.equal([]string{"wake"}, values(fetches.Records()), "values")
}

// smallFetches: a record larger than the fetch's limits is sent nevertheless.
func (r readChecks) smallFetches(c *check) {
	topic := r.newTopic(c, 1)
	producer := r.client(c, compression("none"))
	for range 5 {
		c.ok(producer.ProduceSync(c, text(topic, 0, strings.Repeat("x", 5000))).FirstErr())
	}
	client := r.reader(c, topic, kgo.NewOffset().AtStart(), kgo.FetchMaxBytes(100), kgo.FetchMaxPartitionBytes(100))
	c.equal(5, len(r.pollMany(c, client, 5)), "records")
}

// manyPartitions: fetch sessions with partitions that are idle while others get records.
func (r readChecks) manyPartitions(c *check) {
	topic := r.newTopic(c, 30)
	producer := r.client(c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	client := r.client(c, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	for round := range int32(5) {
		for partition := round; partition < 30; partition += 7 {
			c.ok(producer.ProduceSync(c, text(topic, partition, "value")).FirstErr())
			c.equal(partition, r.poll(c, client)[0].Partition, "partition")
		}
	}
}

func (r readChecks) pattern(c *check) {
	topic := r.newTopic(c, 1)
	r.fill(c, topic, 3)
	client := r.client(c, kgo.ConsumeRegex(), kgo.ConsumeTopics("^"+topic+"$"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	c.equal(numbers(3), values(r.pollMany(c, client, 3)), "values")
}
