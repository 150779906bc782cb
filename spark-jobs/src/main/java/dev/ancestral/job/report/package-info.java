/** What a run looks like to a person: {@code report.html}. */
package dev.ancestral.job.report;
