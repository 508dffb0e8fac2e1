package io.flarepath.agent.requests.kafka;

/** The requests of Kafka's protocol by their keys (clients: message/*Request.json). */
final class KafkaApi {
    static final int PRODUCE = 0;
    static final int FETCH = 1;
    static final int JOIN_GROUP = 11;
    static final int SYNC_GROUP = 14;
    static final int SASL_HANDSHAKE = 17;
    static final int API_VERSIONS = 18;

    /** Versions grow by about one a year. */
    static final int HIGHEST_VERSION = 30;

    private static final String[] NAMES = {
        "Produce",
        "Fetch",
        "ListOffsets",
        "Metadata",
        "LeaderAndIsr",
        "StopReplica",
        "UpdateMetadata",
        "ControlledShutdown",
        "OffsetCommit",
        "OffsetFetch",
        "FindCoordinator",
        "JoinGroup",
        "Heartbeat",
        "LeaveGroup",
        "SyncGroup",
        "DescribeGroups",
        "ListGroups",
        "SaslHandshake",
        "ApiVersions",
        "CreateTopics",
        "DeleteTopics",
        "DeleteRecords",
        "InitProducerId",
        "OffsetForLeaderEpoch",
        "AddPartitionsToTxn",
        "AddOffsetsToTxn",
        "EndTxn",
        "WriteTxnMarkers",
        "TxnOffsetCommit",
        "DescribeAcls",
        "CreateAcls",
        "DeleteAcls",
        "DescribeConfigs",
        "AlterConfigs",
        "AlterReplicaLogDirs",
        "DescribeLogDirs",
        "SaslAuthenticate",
        "CreatePartitions",
        "CreateDelegationToken",
        "RenewDelegationToken",
        "ExpireDelegationToken",
        "DescribeDelegationToken",
        "DeleteGroups",
        "ElectLeaders",
        "IncrementalAlterConfigs",
        "AlterPartitionReassignments",
        "ListPartitionReassignments",
        "OffsetDelete",
        "DescribeClientQuotas",
        "AlterClientQuotas",
        "DescribeUserScramCredentials",
        "AlterUserScramCredentials",
        "Vote",
        "BeginQuorumEpoch",
        "EndQuorumEpoch",
        "DescribeQuorum",
        "AlterPartition",
        "UpdateFeatures",
        "Envelope",
        "FetchSnapshot",
        "DescribeCluster",
        "DescribeProducers",
        "BrokerRegistration",
        "BrokerHeartbeat",
        "UnregisterBroker",
        "DescribeTransactions",
        "ListTransactions",
        "AllocateProducerIds",
        "ConsumerGroupHeartbeat",
        "ConsumerGroupDescribe"
    };

    /** Keys that exist beyond those with a name here. */
    static final int HIGHEST_KEY = 100;

    private KafkaApi() {}

    static String name(int key) {
        return key >= 0 && key < NAMES.length ? NAMES[key] : "Api " + key;
    }

    /** First version with compact strings and tagged fields, of those whose content is read. */
    static boolean isFlexible(int key, int version) {
        return switch (key) {
            case PRODUCE -> version >= 9;
            case FETCH -> version >= 12;
            default -> false;
        };
    }
}
