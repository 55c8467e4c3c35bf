package main

import (
	"encoding/json"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

// expected is what all clients agree on (`tests/kafka/clients/expected.json`).
type expected struct {
	Partitions     int32            `json:"partitions"`
	PartitionOfKey map[string]int32 `json:"partition_of_key"`
	Records        []crossRecord    `json:"records"`
}

// crossRecord is a record that every client writes and reads; its value is a text repeated.
type crossRecord struct {
	Compression string      `json:"compression"`
	Key         string      `json:"key"`
	Partition   int32       `json:"partition"`
	Value       string      `json:"value"`
	Times       int         `json:"times"`
	Timestamp   int64       `json:"timestamp"`
	Headers     [][2]string `json:"headers"`
}

// loadExpected reads the file; the checks run in the project's root.
func loadExpected(c *check) expected {
	bytes, err := os.ReadFile("tests/kafka/clients/expected.json")
	c.ok(err)
	var loaded expected
	c.ok(json.Unmarshal(bytes, &loaded))
	return loaded
}

// codecs are the compressions by the numbers that batches carry.
var codecs = []struct {
	name  string
	codec kgo.CompressionCodec
}{
	{"none", kgo.NoCompression()},
	{"gzip", kgo.GzipCompression()},
	{"snappy", kgo.SnappyCompression()},
	{"lz4", kgo.Lz4Compression()},
	{"zstd", kgo.ZstdCompression()},
}

// compression is the option for a compression's name.
func compression(name string) kgo.Opt {
	for _, known := range codecs {
		if known.name == name {
			return kgo.ProducerBatchCompression(known.codec)
		}
	}
	panic("no compression is called " + name)
}

// compressionOf is the compression that a record was stored with.
func compressionOf(record *kgo.Record) string { return codecs[record.Attrs.CompressionType()].name }
