"""Native histograms as values: arithmetic, statistics, storage and test notation."""
