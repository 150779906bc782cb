package dev.ancestral.job.train.audit;

import dev.ancestral.data.loader.MultisetHash;
import java.io.Serializable;
import java.util.Map;

/**
 * What one replica, or one task, used in a round, for the {@link EpochAudit}.
 *
 * @param order sha256 of the ids that it handed to the loss, in order
 * @param used by epoch: the ids that it handed to the loss
 * @param held by index: all the ids of each shard that it took examples from, as the verified file
 *     has them
 */
public record EpochAuditEntry(
    String order, Map<Long, MultisetHash> used, Map<Integer, MultisetHash> held)
    implements Serializable {}
