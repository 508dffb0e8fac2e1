/**
 * The protocol of MySQL and MariaDB (dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html,
 * mariadb.com/kb/en/clientserver-protocol).
 */
@NullMarked
package io.flarepath.agent.requests.mysql;

import org.jspecify.annotations.NullMarked;
