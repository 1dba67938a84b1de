// libxlsxwriter as Swift can import it: what it takes as structs of many optional members is asked for here with the few that we set.
#pragma once

#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

// A workbook that keeps one row in memory and its sheets in files of `folder` until it is closed.
static inline lxw_workbook *proofline_workbook(const char *path, const char *folder) {
    lxw_workbook_options options;
    memset(&options, 0, sizeof options);
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder;
    options.use_zip64 = LXW_TRUE;
    return workbook_new_opt(path, &options);
}

// `created` in seconds since 1970: a fixed moment, so that the same content gives the same bytes. Copies the texts.
static inline lxw_error proofline_properties(lxw_workbook *book, const char *title, const char *subject, const char *author, long created) {
    lxw_doc_properties properties;
    memset(&properties, 0, sizeof properties);
    properties.title = (char *)title;
    properties.subject = (char *)subject;
    properties.author = (char *)author;
    properties.created = (time_t)created;
    return workbook_set_properties(book, &properties);
}
