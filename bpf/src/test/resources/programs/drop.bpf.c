/* Drops each tenth packet that is long enough to carry data. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

unsigned int seen = 0;

SEC("tc")
int drop(struct __sk_buff *skb)
{
	if (skb->len < 200)
		return TC_ACT_OK;
	return seen++ % 10 == 5 ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
