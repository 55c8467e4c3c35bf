package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const groupPartitions = 4

// groupChecks: consumer groups of every protocol, and their offsets.
type groupChecks struct{ *cluster }

func (g groupChecks) run(all *checks) {
	all.check("group-consumer-protocol", func(c *check) {
		g.joinAndLeave(c, kgo.Balancers(kgo.RangeBalancer()), kgo.ServerSideBalancer())
	})
	all.check("group-eager", func(c *check) { g.joinAndLeave(c, kgo.Balancers(kgo.RangeBalancer())) })
	all.check("group-cooperative", g.cooperative)
	all.check("group-static", g.static)
	all.check("group-resumes", g.resumes)
	all.check("offsets-with-metadata", g.offsetsWithMetadata)
	all.check("admin-groups", g.describe)
	all.check("admin-group-offsets", g.deleteOffsets)
}

// member is one consumer of a group and what it owns now.
type member struct {
	client *kgo.Client
	mutex  sync.Mutex
	owned  map[int32]bool
	lost   int
}

func (g groupChecks) join(c *check, group, topic string, options ...kgo.Opt) *member {
	m := &member{owned: map[int32]bool{}}
	gained := func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) { m.change(assigned[topic], true) }
	lost := func(_ context.Context, _ *kgo.Client, revoked map[string][]int32) { m.change(revoked[topic], false) }
	m.client = g.client(c, append([]kgo.Opt{
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.HeartbeatInterval(200 * time.Millisecond), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(gained), kgo.OnPartitionsRevoked(lost), kgo.OnPartitionsLost(lost),
	}, options...)...)
	return m
}

func (m *member) change(partitions []int32, gained bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, partition := range partitions {
		if gained {
			m.owned[partition] = true
		} else {
			delete(m.owned, partition)
			m.lost++
		}
	}
}

// partitions is a copy of what the member owns.
func (m *member) partitions() map[int32]bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	copied := map[int32]bool{}
	for partition := range m.owned {
		copied[partition] = true
	}
	return copied
}

func awaitAll(c *check, m *member) {
	c.await("the member owns all partitions", func() bool { return len(m.partitions()) == groupPartitions })
}

func awaitShared(c *check, one, other *member) {
	c.await("both members own two partitions", func() bool {
		union := one.partitions()
		half := len(union) == groupPartitions/2 && len(other.partitions()) == groupPartitions/2
		for partition := range other.partitions() {
			union[partition] = true
		}
		return half && len(union) == groupPartitions
	})
}

// joinAndLeave: one member has all, two share, and the one that stays has all again.
func (g groupChecks) joinAndLeave(c *check, options ...kgo.Opt) {
	topic, group := g.newTopic(c, groupPartitions), g.newName("group")
	first := g.join(c, group, topic, options...)
	awaitAll(c, first)
	second := g.join(c, group, topic, options...)
	awaitShared(c, first, second)
	producer := g.client(c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for partition := range int32(groupPartitions) {
		c.ok(producer.ProduceSync(c, text(topic, partition, fmt.Sprint(partition))).FirstErr())
	}
	read := append(g.pollMany(c, first.client, 2), g.pollMany(c, second.client, 2)...)
	times := map[string]int{}
	for _, value := range values(read) {
		times[value]++
	}
	c.equal(map[string]int{"0": 1, "1": 1, "2": 1, "3": 1}, times, "times read")
	second.client.LeaveGroup()
	awaitAll(c, first)
}

// cooperative: the member that was there first keeps two partitions all the time.
func (g groupChecks) cooperative(c *check) {
	topic, group := g.newTopic(c, groupPartitions), g.newName("group")
	balancer := kgo.Balancers(kgo.CooperativeStickyBalancer())
	first := g.join(c, group, topic, balancer)
	awaitAll(c, first)
	awaitShared(c, first, g.join(c, group, topic, balancer))
	c.equal(2, first.lost, "partitions taken from the first member")
}

// static: a static member that comes back in time gets its partitions back, and nobody is disturbed.
func (g groupChecks) static(c *check) {
	topic, group := g.newTopic(c, groupPartitions), g.newName("group")
	stays := g.join(c, group, topic, kgo.InstanceID("stays"))
	leaves := g.join(c, group, topic, kgo.InstanceID("comes-and-goes"))
	awaitShared(c, stays, leaves)
	before, lost := leaves.partitions(), stays.lost
	_, generation := leaves.client.GroupMetadata()
	leaves.client.Close()
	back := g.join(c, group, topic, kgo.InstanceID("comes-and-goes"))
	awaitShared(c, stays, back)
	c.equal(before, back.partitions(), "partitions after coming back")
	c.equal(lost, stays.lost, "partitions that the other lost")
	_, now := back.client.GroupMetadata()
	c.equal(generation, now, "generation")
}

func (g groupChecks) resumes(c *check) {
	topic, group := g.newTopic(c, 1), g.newName("group")
	g.fill(c, topic, 20)
	for start := 0; start < 20; start += 10 {
		m := g.join(c, group, topic)
		fetches := m.client.PollRecords(c, 10)
		c.equal(numbers(20)[start:start+10], values(fetches.Records()), "values")
		c.ok(m.client.CommitRecords(c, fetches.Records()...))
		m.client.LeaveGroup()
	}
}

func (g groupChecks) offsetsWithMetadata(c *check) {
	topic, group := g.newTopic(c, 2), g.newName("group")
	admin := g.admin(c)
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 7, LeaderEpoch: 0, Metadata: "where I was: ✓"})
	c.ok(admin.CommitAllOffsets(c, group, offsets))
	fetched, err := admin.FetchOffsets(c, group)
	c.ok(err)
	found, _ := fetched.Lookup(topic, 0)
	c.equal(int64(7), found.At, "offset")
	c.equal("where I was: ✓", found.Metadata, "metadata")
	_, isThere := fetched.Lookup(topic, 1)
	c.require(!isThere, "an offset nobody committed")
}

func (g groupChecks) describe(c *check) {
	topic, group := g.newTopic(c, groupPartitions), g.newName("group")
	m := g.join(c, group, topic, kgo.Balancers(kgo.RangeBalancer()))
	awaitAll(c, m)
	admin := g.admin(c)
	listed, err := admin.ListGroups(c)
	c.ok(err)
	c.equal("Stable", listed[group].State, "listed state")
	c.equal("consumer", listed[group].ProtocolType, "listed protocol type")
	described, err := admin.DescribeGroups(c, group)
	c.ok(err)
	c.equal("range", described[group].Protocol, "protocol")
	c.equal(1, len(described[group].Members), "members")
	_, err = admin.DeleteGroup(c, group)
	c.fails(kerr.NonEmptyGroup, err)
	m.client.LeaveGroup()
	_, err = admin.DeleteGroup(c, group)
	c.ok(err)
	_, err = admin.DeleteGroup(c, group)
	c.fails(kerr.GroupIDNotFound, err)
}

func (g groupChecks) deleteOffsets(c *check) {
	topic, group := g.newTopic(c, 2), g.newName("group")
	admin := g.admin(c)
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, 5, -1)
	offsets.AddOffset(topic, 1, 6, -1)
	c.ok(admin.CommitAllOffsets(c, group, offsets))
	deleted, err := admin.DeleteOffsets(c, group, kadm.TopicsSet{topic: {0: {}}})
	c.ok(err)
	c.ok(deleted.Error())
	fetched, err := admin.FetchOffsets(c, group)
	c.ok(err)
	_, isThere := fetched.Lookup(topic, 0)
	c.require(!isThere, "the offset is still there")
	left, _ := fetched.Lookup(topic, 1)
	c.equal(int64(6), left.At, "the other offset")
}

// within is a part of the check's time.
func within(c *check, time time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(c, time)
	c.defers(cancel)
	return ctx
}

// done is a time that is over: a poll with it takes what has come already.
func done() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
