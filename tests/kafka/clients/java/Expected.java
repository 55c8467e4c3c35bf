import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all clients agree on (`tests/kafka/clients/expected.json`): the partitions of keys, and the records of
 * the cross-check.
 */
record Expected(int partitions, Map<String, Integer> partitionOfKey, List<CrossRecord> records) {
  /** A record that every client writes and reads; the value is a text repeated, and names the record. */
  record CrossRecord(String compression, String key, String value, long timestamp, List<String[]> headers, int partition) {}

  /** Reads the file; the checks run in the project's root. */
  static Expected load() throws IOException {
    var root = new ObjectMapper().readTree(new File("tests/kafka/clients/expected.json"));
    var partitionOfKey = new LinkedHashMap<String, Integer>();
    root.get("partition_of_key").properties().forEach(e -> partitionOfKey.put(e.getKey(), e.getValue().asInt()));
    var records = new ArrayList<CrossRecord>();
    root.get("records").forEach(record -> records.add(crossRecord(record)));
    return new Expected(root.get("partitions").asInt(), partitionOfKey, records);
  }

  private static CrossRecord crossRecord(JsonNode node) {
    var headers = new ArrayList<String[]>();
    node.get("headers").forEach(h -> headers.add(new String[] {h.get(0).asText(), h.get(1).asText()}));
    return new CrossRecord(
        node.get("compression").asText(),
        node.get("key").asText(),
        node.get("value").asText().repeat(node.get("times").asInt()),
        node.get("timestamp").asLong(),
        headers,
        node.get("partition").asInt());
  }
}
