package main

import (
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// adminChecks: topics, configuration, records, the broker.
type adminChecks struct{ *cluster }

func (a adminChecks) run(all *checks) {
	all.check("admin-topics", a.topics)
	all.check("admin-topics-refused", a.topicsRefused)
	all.check("admin-partitions", a.partitions)
	all.check("admin-configs", a.configs)
	all.check("admin-alter-configs-whole", a.configsWhole)
	all.check("admin-delete-records", a.deleteRecords)
	all.check("admin-cluster", a.describeCluster)
	all.check("admin-api-versions", a.apiVersions)
	all.check("admin-log-dirs", a.logDirs)
	all.check("admin-leader-epoch", a.leaderEpoch)
}

// set is partition 0 of a topic.
func set(topic string) kadm.TopicsSet { return kadm.TopicsSet{topic: {0: {}}} }

func (a adminChecks) topics(c *check) {
	admin, topic := a.admin(c), a.newName("topic")
	retention := "7000"
	created, err := admin.CreateTopic(c, 3, 1, map[string]*string{"retention.ms": &retention}, topic)
	c.ok(err)
	c.equal(int32(3), created.NumPartitions, "answered partitions")
	c.equal("7000", *created.Configs["retention.ms"].Value, "answered retention.ms")
	listed, err := admin.ListTopics(c, topic)
	c.ok(err)
	c.equal(3, len(listed[topic].Partitions), "partitions")
	c.equal(created.ID, listed[topic].ID, "id")
	for _, partition := range listed[topic].Partitions {
		c.equal([]int32{partition.Leader}, partition.Replicas, "replicas")
		c.equal([]int32{partition.Leader}, partition.ISR, "in-sync replicas")
	}
	_, err = admin.DeleteTopic(c, topic)
	c.ok(err)
	_, err = admin.DeleteTopic(c, topic)
	c.fails(kerr.UnknownTopicOrPartition, err)
}

func (a adminChecks) topicsRefused(c *check) {
	admin, topic := a.admin(c), a.newTopic(c, 1)
	_, err := admin.CreateTopic(c, 1, 1, nil, topic)
	c.fails(kerr.TopicAlreadyExists, err)
	_, err = admin.CreateTopic(c, 1, 3, nil, a.newName("topic"))
	c.fails(kerr.InvalidReplicationFactor, err)
	_, err = admin.CreateTopic(c, 0, 1, nil, a.newName("topic"))
	c.fails(kerr.InvalidPartitions, err)
	_, err = admin.CreateTopic(c, 1, 1, nil, "no/slash")
	c.fails(kerr.InvalidTopicException, err)
	value := "soon"
	_, err = admin.CreateTopic(c, 1, 1, map[string]*string{"retention.ms": &value}, a.newName("topic"))
	c.fails(kerr.InvalidConfig, err)
}

func (a adminChecks) partitions(c *check) {
	admin, topic := a.admin(c), a.newTopic(c, 2)
	grown, err := admin.UpdatePartitions(c, 5, topic)
	c.ok(err)
	c.ok(grown.Error())
	a.awaitPartitions(c, admin, topic, 5)
	producer := a.client(c, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	c.ok(producer.ProduceSync(c, text(topic, 4, "value")).FirstErr())
}

func (a adminChecks) described(c *check, topic string) map[string]*kadm.Config {
	resources, err := a.admin(c).DescribeTopicConfigs(c, topic)
	c.ok(err)
	resource, err := resources.On(topic, nil)
	c.ok(err)
	c.ok(resource.Err)
	byName := map[string]*kadm.Config{}
	for i, config := range resource.Configs {
		byName[config.Key] = &resource.Configs[i]
	}
	return byName
}

func (a adminChecks) configs(c *check) {
	topic := a.newTopic(c, 1, "retention.ms", "60000")
	alterations := []kadm.AlterConfig{
		{Op: kadm.SetConfig, Name: "max.message.bytes", Value: kadm.StringPtr("2000")},
		{Op: kadm.DeleteConfig, Name: "retention.ms"},
		{Op: kadm.AppendConfig, Name: "cleanup.policy", Value: kadm.StringPtr("compact")},
	}
	altered, err := a.admin(c).AlterTopicConfigs(c, alterations, topic)
	c.ok(err)
	c.ok(altered[0].Err)
	configs := a.described(c, topic)
	c.equal("2000", configs["max.message.bytes"].MaybeValue(), "max.message.bytes")
	c.equal("DYNAMIC_TOPIC_CONFIG", configs["max.message.bytes"].Source.String(), "source")
	c.equal("604800000", configs["retention.ms"].MaybeValue(), "retention.ms")
	c.equal("DEFAULT_CONFIG", configs["retention.ms"].Source.String(), "source")
	c.equal("delete,compact", configs["cleanup.policy"].MaybeValue(), "cleanup.policy")
	wrong := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: kadm.StringPtr("soon")}}
	altered, err = a.admin(c).AlterTopicConfigs(c, wrong, topic)
	c.ok(err)
	c.fails(kerr.InvalidConfig, altered[0].Err)
}

// configsWhole: the older request replaces all of a topic's own configuration.
func (a adminChecks) configsWhole(c *check) {
	topic := a.newTopic(c, 1, "retention.ms", "60000")
	state := []kadm.AlterConfig{{Name: "max.message.bytes", Value: kadm.StringPtr("2000")}}
	altered, err := a.admin(c).AlterTopicConfigsState(c, state, topic)
	c.ok(err)
	c.ok(altered[0].Err)
	configs := a.described(c, topic)
	c.equal("2000", configs["max.message.bytes"].MaybeValue(), "max.message.bytes")
	c.equal("604800000", configs["retention.ms"].MaybeValue(), "retention.ms")
}

func (a adminChecks) deleteRecords(c *check) {
	topic := a.newTopic(c, 1)
	a.fill(c, topic, 10)
	c.equal(int64(6), a.deleteBefore(c, topic, 6), "log start offset")
	c.equal([]string{"6", "7", "8", "9"}, a.values(c, topic, kgo.ReadUncommitted()), "values")
}

func (a adminChecks) describeCluster(c *check) {
	metadata, err := a.admin(c).BrokerMetadata(c)
	c.ok(err)
	c.equal(1, len(metadata.Brokers), "brokers")
	c.equal(metadata.Brokers[0].NodeID, metadata.Controller, "controller")
	c.require(metadata.Cluster != "", "the cluster has no id")
}

func (a adminChecks) apiVersions(c *check) {
	versions, err := a.admin(c).ApiVersions(c)
	c.ok(err)
	for _, broker := range versions {
		c.ok(broker.Err)
		c.require(broker.Raw() != nil, "no versions")
		for key, name := range map[int16]string{0: "Produce", 1: "Fetch", 22: "InitProducerID", 68: "ConsumerGroupHeartbeat"} {
			_, isThere := broker.KeyMaxVersion(key)
			c.require(isThere, "%s is not served", name)
		}
	}
}

func (a adminChecks) logDirs(c *check) {
	topic := a.newTopic(c, 1)
	a.fill(c, topic, 100)
	described, err := a.admin(c).DescribeAllLogDirs(c, set(topic))
	c.ok(err)
	sizes := 0
	described.Each(func(directory kadm.DescribedLogDir) {
		c.ok(directory.Err)
		directory.Topics.Each(func(partition kadm.DescribedLogDirPartition) {
			c.require(partition.Size > 0, "the partition has no bytes")
			sizes++
		})
	})
	c.equal(1, sizes, "places of the partition")
}

func (a adminChecks) leaderEpoch(c *check) {
	topic := a.newTopic(c, 1)
	a.fill(c, topic, 10)
	request := kadm.OffsetForLeaderEpochRequest{}
	request.Add(topic, 0, 0)
	answered, err := a.admin(c).OffsetForLeaderEpoch(c, request)
	c.ok(err)
	c.equal(int64(10), answered[topic][0].EndOffset, "end of epoch 0")
}
