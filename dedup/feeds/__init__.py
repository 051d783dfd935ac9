"""Files to HEADLINES: walking and limits, XML, JSON Feed, tables, pages, outlets."""
