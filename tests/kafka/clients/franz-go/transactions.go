package main

import (
	"errors"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// transactionChecks: what readers of both isolation levels see, offsets in transactions, fencing.
type transactionChecks struct{ *cluster }

func (t transactionChecks) run(all *checks) {
	all.check("consume-transform-produce", t.transform)
	all.check("transaction-commit", t.commit)
	all.check("transaction-abort", t.abort)
	all.check("transaction-open-holds-readers", t.openHoldsReaders)
	all.check("transaction-fencing", t.fencing)
	all.check("admin-producers", t.producers)
	all.check("admin-transactions", t.describe)
}

func (t transactionChecks) producer(c *check) (*kgo.Client, string) {
	id := t.newName("tx")
	return t.client(c, kgo.TransactionalID(id)), id
}

// send begins a transaction with one record and leaves it open.
func (t transactionChecks) send(c *check, producer *kgo.Client, topic, value string) {
	c.ok(producer.BeginTransaction())
	c.ok(producer.ProduceSync(c, text(topic, 0, value)).FirstErr())
}

func (t transactionChecks) commit(c *check) {
	topic, other := t.newTopic(c, 1), t.newTopic(c, 1)
	producer, _ := t.producer(c)
	t.send(c, producer, topic, "a")
	c.ok(producer.ProduceSync(c, text(other, 0, "b")).FirstErr())
	c.ok(producer.EndTransaction(c, kgo.TryCommit))
	t.expect(c, topic, kgo.ReadCommitted(), "a")
	t.expect(c, other, kgo.ReadCommitted(), "b")
}

func (t transactionChecks) abort(c *check) {
	topic := t.newTopic(c, 1)
	producer, _ := t.producer(c)
	for i, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		t.send(c, producer, topic, strconv.Itoa(i))
		c.ok(producer.EndTransaction(c, how))
	}
	t.expect(c, topic, kgo.ReadCommitted(), "0", "2")
	t.expect(c, topic, kgo.ReadUncommitted(), "0", "1", "2")
}

func (t transactionChecks) openHoldsReaders(c *check) {
	topic := t.newTopic(c, 1)
	producer, _ := t.producer(c)
	t.send(c, producer, topic, "open")
	c.ok(t.client(c).ProduceSync(c, text(topic, 0, "behind")).FirstErr())
	t.expect(c, topic, kgo.ReadUncommitted(), "open", "behind")
	c.equal([]string{}, t.values(c, topic, kgo.ReadCommitted()), "read_committed while open")
	c.ok(producer.EndTransaction(c, kgo.TryCommit))
	t.expect(c, topic, kgo.ReadCommitted(), "open", "behind")
}

func (t transactionChecks) fencing(c *check) {
	topic := t.newTopic(c, 1)
	old, id := t.producer(c)
	t.send(c, old, topic, "of the old one")
	fresh := t.client(c, kgo.TransactionalID(id))
	t.send(c, fresh, topic, "of the new one")
	err := old.EndTransaction(c, kgo.TryCommit)
	fenced := errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch)
	c.require(fenced, "the old producer may commit: %v", err)
	c.ok(fresh.EndTransaction(c, kgo.TryCommit))
	t.expect(c, topic, kgo.ReadCommitted(), "of the new one")
}

// transform doubles numbers from one topic into another; every third round is aborted and done again.
func (t transactionChecks) transform(c *check) {
	in, out := t.newTopic(c, 1), t.newTopic(c, 1)
	t.fill(c, in, 50)
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(t.bootstrap), kgo.TransactionalID(t.newName("tx")), kgo.ConsumerGroup(t.newName("group")),
		kgo.ConsumeTopics(in), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(),
	)
	c.ok(err)
	c.defers(session.Close)
	for round, doubled := 0, 0; doubled < 50; round++ {
		records := session.PollRecords(c, 10).Records()
		c.ok(session.Begin())
		for _, record := range records {
			number, err := strconv.Atoi(string(record.Value))
			c.ok(err)
			c.ok(session.ProduceSync(c, text(out, 0, strconv.Itoa(2*number))).FirstErr())
		}
		committed, err := session.End(c, kgo.TransactionEndTry(round%3 != 0))
		c.ok(err)
		if committed {
			doubled += len(records)
		}
	}
	wanted := []string{}
	for i := range 50 {
		wanted = append(wanted, strconv.Itoa(2*i))
	}
	t.expect(c, out, kgo.ReadCommitted(), wanted...)
	c.require(len(t.values(c, out, kgo.ReadUncommitted())) > 50, "no round was aborted")
}

func (t transactionChecks) producers(c *check) {
	topic := t.newTopic(c, 1)
	producer, _ := t.producer(c)
	t.send(c, producer, topic, "value")
	described, err := t.admin(c).DescribeProducers(c, set(topic))
	c.ok(err)
	active := described.SortedProducers()
	c.equal(1, len(active), "producers")
	c.equal(int64(0), active[0].CurrentTxnStartOffset, "start of the transaction")
	c.equal(int32(0), active[0].LastSequence, "last sequence")
	c.ok(producer.EndTransaction(c, kgo.TryAbort))
}

func (t transactionChecks) describe(c *check) {
	topic := t.newTopic(c, 1)
	producer, id := t.producer(c)
	t.send(c, producer, topic, "value")
	admin := t.admin(c)
	described, err := admin.DescribeTransactions(c, id)
	c.ok(err)
	c.equal("Ongoing", described[id].State, "state")
	c.equal(set(topic), described[id].Topics, "partitions")
	listed, err := admin.ListTransactions(c, nil, []string{"Ongoing"})
	c.ok(err)
	c.require(listed[id].TxnID == id, "not listed as ongoing")
	c.ok(producer.EndTransaction(c, kgo.TryCommit))
	c.await("the transaction is complete", func() bool {
		described, err := admin.DescribeTransactions(c, id)
		c.ok(err)
		return described[id].State == "CompleteCommit"
	})
}
